import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { runDocker, startBerth } from '../helpers/berth.ts';
import { benchCopyAndLogs } from './copy-and-logs.ts';
import { median } from './statistics.ts';

export interface Subject {
  name: string;
  dockerHost: string;
}

const commands: Record<string, string[]> = {
  'docker run --rm busybox true': ['run', '--rm', 'busybox', 'true'],
  'docker run --rm --network none busybox true': ['run', '--rm', '--network', 'none', 'busybox', 'true'],
  'docker run --rm -p 80 busybox true': ['run', '--rm', '-p', '80', 'busybox', 'true'],
  'docker exec C true': ['exec', 'bench', 'true'],
  'docker ps': ['ps'],
  'docker inspect C': ['inspect', 'bench'],
};

/** Whole CLI commands, the two engines in turn within one run, so that a change of the machine's pace hits both. */
export async function benchLinux({ runs, reference }: { runs: number; reference: string | null }): Promise<void> {
  await using berth = await startBerth('linux');
  const subjects: Subject[] = [{ name: 'berth', dockerHost: berth.dockerHost }];
  if (reference !== null) subjects.push({ name: 'dockerd', dockerHost: `unix://${reference}` });
  for (const subject of subjects) await timed(subject, ['run', '-d', '--name', 'bench', 'busybox', 'sleep', '100000']);
  console.log(`| command (median of ${runs}) | ${subjects.map(({ name }) => `${name}, s`).join(' | ')} | ratio |`);
  console.log(`| --- | ${subjects.map(() => '---').join(' | ')} | --- |`);
  for (const [label, args] of Object.entries(commands)) {
    const seconds = await inTurn(subjects, args, runs);
    const medians = seconds.map(median);
    const ratio = medians.length === 2 ? ((medians[0] ?? 0) / (medians[1] ?? 1)).toFixed(2) : '';
    console.log(`| ${label} | ${medians.map((value) => value.toFixed(3)).join(' | ')} | ${ratio} |`);
  }
  for (const subject of subjects) await timed(subject, ['rm', '-f', 'bench']);
  await benchCopyAndLogs(subjects);
  await printMemory(berth.home);
}

async function inTurn(subjects: Subject[], args: string[], runs: number): Promise<number[][]> {
  for (const subject of subjects) await timed(subject, args);
  const seconds: number[][] = subjects.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, subject] of subjects.entries()) seconds[i]?.push(await timed(subject, args));
  }
  return seconds;
}

async function timed({ dockerHost, name }: Subject, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const { exitCode, stderr } = await runDocker(dockerHost, args, { input: '', timeoutMs: 60_000 });
  if (exitCode !== 0) throw new Error(`${name}: docker ${args.join(' ')}: ${stderr}`);
  return (performance.now() - startedAt) / 1000;
}

/** Resident memory of agent and containerd (and of the daemon, apart: dockerd has no counterpart of it). */
async function printMemory(home: string): Promise<void> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args=']);
  const own = stdout.split('\n').filter((line) => line.includes(home) && !line.includes('containerd-shim'));
  const megabytes = (line: string) => {
    const status = readFileSync(`/proc/${Number(line.trim().split(' ')[0])}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  };
  for (const line of own) console.log(`${megabytes(line)} MB  ${line.trim().split(/\s+/).slice(1, 4).join(' ')}`);
}
