import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { startBerth } from '../helpers/berth.ts';
import type { Subject } from './linux.ts';
import { median } from './statistics.ts';

const mebibyte = 1024 * 1024;
const steps = 20;
const contextMebibytes = 1024;
/** A gigabyte goes over the wire in each of these runs. */
const mostLargeRuns = 5;

interface Case {
  label: string;
  folder: string;
  args: string[];
  runs: number;
  /** Made different before each run, so that nothing of the context is known yet. */
  changing?: string;
}

/** `docker build` of the stock CLI with its BuildKit client, where that plugin is installed, and with the classic one. */
export async function benchBuilds({ runs, reference }: { runs: number; reference: string | null }): Promise<void> {
  await using berth = await startBerth('linux');
  const subjects: Subject[] = [{ name: 'berth', dockerHost: berth.dockerHost }];
  if (reference !== null) subjects.push({ name: 'dockerd', dockerHost: `unix://${reference}` });
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-bench-'));
  try {
    const cases = await makeCases(scratch, runs);
    const hasBuildx = (await execa('docker', ['buildx', 'version'], { reject: false })).exitCode === 0;
    console.log(
      `| docker build (median of ${runs}) | ${subjects.map(({ name }) => `${name}, s`).join(' | ')} | ratio |`,
    );
    console.log(`| --- | ${subjects.map(() => '---').join(' | ')} | --- |`);
    for (const isBuildKit of hasBuildx ? [true, false] : [false]) {
      for (const each of cases) await compare(subjects, each, isBuildKit);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function makeCases(scratch: string, runs: number): Promise<Case[]> {
  const [small, large] = [await mkdtemp(path.join(scratch, 'steps-')), await mkdtemp(path.join(scratch, 'large-'))];
  const commands = Array.from({ length: steps - 1 }, (_, n) => `RUN echo ${n} > /step-${n}`);
  await writeFile(path.join(small, 'Dockerfile'), ['FROM busybox', ...commands].join('\n'));
  await writeFile(path.join(large, 'Dockerfile'), 'FROM busybox\nCOPY content-0 /\n');
  for (let n = 0; n < contextMebibytes / 64; n++) {
    await writeFile(path.join(large, `content-${n}`), randomFillSync(Buffer.alloc(64 * mebibyte)));
  }
  const largeRuns = Math.min(runs, mostLargeRuns);
  return [
    { label: `${steps} steps, no change`, folder: small, args: [], runs },
    { label: `${steps} steps, cold`, folder: small, args: ['--no-cache'], runs: largeRuns },
    {
      label: '1 GB context, 64 MB of it new and copied',
      folder: large,
      args: [],
      runs: largeRuns,
      changing: 'content-0',
    },
  ];
}

async function compare(subjects: Subject[], each: Case, isBuildKit: boolean): Promise<void> {
  const seconds: number[][] = subjects.map(() => []);
  for (const subject of subjects) await build(subject, each, isBuildKit);
  for (let run = 0; run < each.runs; run++) {
    if (each.changing !== undefined) {
      await writeFile(path.join(each.folder, each.changing), randomFillSync(Buffer.alloc(64 * mebibyte)));
    }
    for (const [i, subject] of subjects.entries()) seconds[i]?.push(await build(subject, each, isBuildKit));
  }
  const medians = seconds.map(median);
  const ratio = medians.length === 2 ? ((medians[0] ?? 0) / (medians[1] ?? 1)).toFixed(2) : '';
  const label = `${isBuildKit ? 'buildx' : 'classic'}: ${each.label}`;
  console.log(`| ${label} | ${medians.map((value) => value.toFixed(3)).join(' | ')} | ${ratio} |`);
}

async function build({ dockerHost }: Subject, { folder, args }: Case, isBuildKit: boolean): Promise<number> {
  const startedAt = performance.now();
  const env = { DOCKER_HOST: dockerHost, DOCKER_BUILDKIT: isBuildKit ? '1' : '0' };
  await execa('docker', ['build', '-q', ...args, folder], { env });
  return (performance.now() - startedAt) / 1000;
}
