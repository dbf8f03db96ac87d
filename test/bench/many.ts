import { engineRequest } from '../helpers/engine-request.ts';
import { runDocker, startBerth } from '../helpers/berth.ts';
import { peakMegabytes } from './agent-memory.ts';
import { median } from './statistics.ts';

interface Subject {
  name: string;
  socketPath: string;
}

/** Requests in flight while containers are made and removed; what is measured is not limited. */
const parallel = 8;
const starts = 50;
const listed = 1000;
const watched = 100;

/** What an engine with many containers takes, the two engines in turn within one run. */
export async function benchMany({ runs, reference }: { runs: number; reference: string | null }): Promise<void> {
  await using berth = await startBerth('linux');
  const subjects: Subject[] = [{ name: 'berth', socketPath: berth.socketPath }];
  if (reference !== null) subjects.push({ name: 'dockerd', socketPath: reference });
  console.log(`| with many containers | ${subjects.map(({ name }) => `${name}, s`).join(' | ')} | ratio |`);
  console.log(`| --- | ${subjects.map(() => '---').join(' | ')} | --- |`);
  await row(`${starts} starts at once (median of ${runs})`, subjects, (subject) => times(runs, () => start(subject)));
  await row(`docker ps -a, ${listed} containers (median of ${runs})`, subjects, async (subject) => {
    await create(subject, listed);
    const seconds = await times(runs, () => cli(subject, ['ps', '-a']));
    await remove(subject, listed);
    return seconds;
  });
  await row(`docker stats --no-stream, ${watched} containers (median of 3)`, subjects, async (subject) => {
    await create(subject, watched);
    await inParallel(watched, parallel, (n) => post(subject, `/containers/${nameOf(n)}/start`));
    const seconds = await times(3, () => cli(subject, ['stats', '--no-stream']));
    await remove(subject, watched);
    return seconds;
  });
  console.log(`agent: ${peakMegabytes(berth)} MB at most`);
}

async function row(
  label: string,
  subjects: Subject[],
  measure: (subject: Subject) => Promise<number[]>,
): Promise<void> {
  const medians: number[] = [];
  for (const subject of subjects) medians.push(median(await measure(subject)));
  const ratio = medians.length === 2 ? ((medians[0] ?? 0) / (medians[1] ?? 1)).toFixed(2) : '';
  console.log(`| ${label} | ${medians.map((value) => value.toFixed(3)).join(' | ')} | ${ratio} |`);
}

async function times(runs: number, work: () => Promise<number>): Promise<number[]> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) seconds.push(await work());
  return seconds;
}

/** Seconds until all of them run; they are made before and removed after. */
async function start(subject: Subject): Promise<number> {
  await create(subject, starts);
  const startedAt = performance.now();
  await inParallel(starts, starts, (n) => post(subject, `/containers/${nameOf(n)}/start`));
  const seconds = (performance.now() - startedAt) / 1000;
  await remove(subject, starts);
  return seconds;
}

const nameOf = (n: number): string => `bench-many-${n}`;

const create = (subject: Subject, count: number): Promise<void> =>
  inParallel(count, parallel, (n) =>
    post(subject, `/containers/create?name=${nameOf(n)}`, { Image: 'busybox', Cmd: ['sleep', '100000'] }),
  );

const remove = (subject: Subject, count: number): Promise<void> =>
  inParallel(count, parallel, (n) => ask(subject, 'DELETE', `/containers/${nameOf(n)}?force=1`));

const post = (subject: Subject, url: string, body?: unknown): Promise<void> => ask(subject, 'POST', url, body);

async function ask({ name, socketPath }: Subject, ...[method, url, body]: [string, string, unknown?]): Promise<void> {
  const answer = await engineRequest(socketPath, { method, path: `/v1.48${url}`, ...(body !== undefined && { body }) });
  if (answer.status >= 300) throw new Error(`${name}: ${method} ${url}: ${answer.status} ${answer.body}`);
}

async function inParallel(count: number, limit: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

async function cli({ name, socketPath }: Subject, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const { exitCode, stderr } = await runDocker(`unix://${socketPath}`, args, { input: '', timeoutMs: 120_000 });
  if (exitCode !== 0) throw new Error(`${name}: docker ${args.join(' ')}: ${stderr}`);
  return (performance.now() - startedAt) / 1000;
}
