import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { Subject } from './linux.ts';
import { median } from './statistics.ts';

const runs = 5;
const timeoutMs = 180_000;
const megabyte = 1024 * 1024;
const files = 10_000;

/** A line of 100 bytes, over and over: a log of 100 MB. */
const writeLog = `yes ${'0123456789'.repeat(10).slice(1)} | head -c 100000000`;

/** `docker cp` and `docker logs` with much to carry; lines of the table that linux.ts prints. */
export async function benchCopyAndLogs(subjects: readonly Subject[]): Promise<void> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'berth-bench-'));
  try {
    await makeFiles(dir);
    for (const subject of subjects) {
      await docker(subject, ['run', '-d', '--name', 'bench-copy', 'busybox', 'sleep', '100000']);
      await docker(subject, ['run', '--name', 'bench-logs', 'busybox', 'sh', '-c', writeLog]);
    }
    for (const [label, args] of Object.entries(commands(dir))) await compare(subjects, label, args);
  } finally {
    for (const subject of subjects) await docker(subject, ['rm', '-f', 'bench-copy', 'bench-logs']).catch(() => 0);
    await rm(dir, { recursive: true, force: true });
  }
}

function commands(dir: string): Record<string, string[]> {
  const local = (name: string) => path.join(dir, name);
  return {
    'docker cp, 1 GB in': ['cp', local('large'), 'bench-copy:/large'],
    'docker cp, 1 GB out': ['cp', 'bench-copy:/large', local('large-out')],
    'docker cp, 10,000 files in': ['cp', `${local('many')}/.`, 'bench-copy:/many'],
    'docker cp, 10,000 files out': ['cp', 'bench-copy:/many/.', local('many-out')],
    'docker cp, one small file in': ['cp', local('small'), 'bench-copy:/small'],
    'docker cp, one small file out': ['cp', 'bench-copy:/small', local('small-out')],
    'docker logs, 100 MB': ['logs', 'bench-logs'],
    'docker logs --tail 10 of 100 MB': ['logs', '--tail', '10', 'bench-logs'],
  };
}

async function makeFiles(dir: string): Promise<void> {
  await writeFile(path.join(dir, 'small'), 'hello\n');
  await mkdir(path.join(dir, 'many'));
  await mkdir(path.join(dir, 'many-out'));
  for (let i = 0; i < files; i++) await writeFile(path.join(dir, 'many', `file-${i}`), 'x'.repeat(i % 2000));
  await using large = await open(path.join(dir, 'large'), 'w');
  for (let i = 0; i < 1024; i++) await large.write(randomFillSync(Buffer.allocUnsafe(megabyte)));
}

async function compare(subjects: readonly Subject[], label: string, args: string[]): Promise<void> {
  const seconds = subjects.map((): number[] => []);
  for (const subject of subjects) await docker(subject, args);
  for (let run = 0; run < runs; run++) {
    for (const [i, subject] of subjects.entries()) seconds[i]?.push(await docker(subject, args));
  }
  const medians = seconds.map(median);
  const ratio = medians.length === 2 ? ((medians[0] ?? 0) / (medians[1] ?? 1)).toFixed(2) : '';
  console.log(`| ${label} (of ${runs}) | ${medians.map((value) => value.toFixed(3)).join(' | ')} | ${ratio} |`);
}

/** Seconds that the command took; what it prints is dropped. */
async function docker({ name, dockerHost }: Subject, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const env = { DOCKER_HOST: dockerHost, DOCKER_CLI_HINTS: 'false' };
  const { exitCode } = await execa('docker', args, { reject: false, stdio: 'ignore', timeout: timeoutMs, env });
  if (exitCode !== 0) throw new Error(`${name}: docker ${args.join(' ')} ended with ${String(exitCode)}`);
  return (performance.now() - startedAt) / 1000;
}
