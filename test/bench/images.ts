import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startBerth } from '../helpers/berth.ts';
import { peakMegabytes } from './agent-memory.ts';
import { startRealRegistry, type RealRegistry } from '../integration/images/registry.ts';
import { bigArchive, manyFilesArchive, manyImagesArchive } from './image-archives.ts';
import { median } from './statistics.ts';

interface Subject {
  name: string;
  dockerHost: string;
}

interface Bench {
  subjects: Subject[];
  registry: RealRegistry;
  dir: string;
  runs: number;
}

const listed = 500;
const listRuns = 15;
const timeoutMs = 300_000;
const verbs = ['load', 'push', 'save', 'pull'] as const;
type Seconds = Record<(typeof verbs)[number], number>;

/** Images in and out, the two engines in turn, through one docker-registry on loopback. */
export async function benchImages({ runs, reference }: { runs: number; reference: string | null }): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const berth = stack.use(await startBerth('linux', { loadSample: false }));
  const subjects = [{ name: 'berth', dockerHost: berth.dockerHost }];
  if (reference !== null) subjects.push({ name: 'dockerd', dockerHost: `unix://${reference}` });
  const registry = stack.use(await startRealRegistry());
  const dir = stack.adopt(await mkdtemp(path.join(os.tmpdir(), 'berth-bench-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const bench = { subjects, registry, dir, runs };
  console.log(`| images (median of ${runs}) | ${subjects.map(({ name }) => `${name}, s`).join(' | ')} | ratio |`);
  console.log(`| --- | ${subjects.map(() => '---').join(' | ')} | --- |`);
  await rounds(bench, { label: '1 GB in 10 layers', image: 'bench-big', archive: await bigArchive(dir) });
  await rounds(bench, { label: '10,000 files', image: 'bench-many', archive: await manyFilesArchive(dir) });
  await list(bench, await manyImagesArchive(dir, listed));
  console.log(`agent: ${peakMegabytes(berth)} MB at most`);
}

interface Round {
  label: string;
  image: string;
  archive: string;
}

/** Each run starts and ends with engines that know nothing of the image. */
async function rounds({ subjects, registry, dir, runs }: Bench, { label, image, archive }: Round): Promise<void> {
  const seconds = subjects.map((): Seconds[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, subject] of subjects.entries()) {
      const name = `${registry.host}/${image}-${subject.name}-${run}:1`;
      seconds[i]?.push(await round(subject, { name, image: `${image}:1`, archive, copy: path.join(dir, 'copy.tar') }));
    }
  }
  for (const verb of verbs)
    print(
      `docker ${verb}, ${label}`,
      seconds.map((runs) => median(runs.map((run) => run[verb]))),
    );
}

async function round(
  subject: Subject,
  { name, image, archive, copy }: { name: string; image: string; archive: string; copy: string },
): Promise<Seconds> {
  const load = await docker(subject, ['load', '-i', archive]);
  await docker(subject, ['tag', image, name]);
  const push = await docker(subject, ['push', name]);
  const save = await docker(subject, ['save', '-o', copy, image]);
  await rm(copy);
  await docker(subject, ['rmi', image, name]);
  const pull = await docker(subject, ['pull', name]);
  await docker(subject, ['rmi', name]);
  return { load, push, save, pull };
}

async function list({ subjects }: Bench, archive: string): Promise<void> {
  const names = Array.from({ length: listed }, (_, n) => `bench-list-${n}:1`);
  for (const subject of subjects) await docker(subject, ['load', '-i', archive]);
  const seconds = subjects.map((): number[] => []);
  for (let run = 0; run < listRuns; run++) {
    for (const [i, subject] of subjects.entries()) seconds[i]?.push(await docker(subject, ['images']));
  }
  for (const subject of subjects) await docker(subject, ['rmi', ...names]);
  print(`docker images, ${listed} images (of ${listRuns})`, seconds.map(median));
}

function print(label: string, medians: number[]): void {
  const ratio = medians.length === 2 ? ((medians[0] ?? 0) / (medians[1] ?? 1)).toFixed(2) : '';
  console.log(`| ${label} | ${medians.map((value) => value.toFixed(3)).join(' | ')} | ${ratio} |`);
}

/** Seconds that the command took; what it prints is dropped. */
async function docker({ name, dockerHost }: Subject, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const env = { DOCKER_HOST: dockerHost, DOCKER_CLI_HINTS: 'false' };
  const options = { reject: false, stdin: 'ignore', stdout: 'ignore', timeout: timeoutMs, env } as const;
  const { exitCode, stderr } = await execa('docker', args, options);
  if (exitCode !== 0) throw new Error(`${name}: docker ${args.slice(0, 3).join(' ')}: ${stderr}`);
  return (performance.now() - startedAt) / 1000;
}
