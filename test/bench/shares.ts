import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { watcherProgram } from '../helpers/watcher.ts';
import { median } from './statistics.ts';

const largeMiB = 64;
/** Files of the tree that git looks at, in so many folders. */
const folders = 50;

export interface SharesBench {
  runs: number;
  /** How many small files there are, and how many git tracks. */
  files: number;
}

/** Each in a folder of its own below /work; prints nothing. */
const loadsOf = (files: number): Record<string, string> => ({
  [`write ${largeMiB} MiB in one go`]: `dd if=/dev/zero of=large bs=1M count=${largeMiB} conv=fsync`,
  [`read them`]: `dd if=large of=/dev/null bs=1M`,
  [`make ${files} files of 100 bytes`]: `mkdir many; split -a 4 -b 100 /tmp/source many/f`,
  [`read them all`]: `cat many/* | wc -c`,
  [`list them with their attributes`]: `ls -l many`,
  [`remove them`]: `rm -r many`,
  [`git status, ${files} files, first time`]: `git -C tree status --short`,
  [`git status again`]: `git -C tree status --short`,
});

/**
 * Folders that containers of the microVM see: the machine's own disk (a volume) beside a folder of the host. In the same
 * machine, one after the other.
 */
export async function benchShares({ runs, files }: SharesBench): Promise<void> {
  await using berth = await startBerth('qemu');
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'berth-bench-')));
  try {
    await buildToolImage(berth, folder);
    await mkdir(path.join(folder, 'work'));
    const kinds = { 'a folder of the host': `${path.join(folder, 'work')}:/work`, 'the guest’s disk': 'bench:/work' };
    const columns = await Promise.all(Object.entries(kinds).map(async ([name, mount]) => ({ name, mount })));
    const seconds: Record<string, number[]>[] = [];
    for (const { mount } of columns) seconds.push(await measure(berth, { mount, runs, files }));
    console.log(`| seconds, median of ${runs} | ${columns.map(({ name }) => name).join(' | ')} | ratio |`);
    console.log('| --- | --- | --- | --- |');
    for (const load of Object.keys(loadsOf(files))) {
      const [host, guest] = seconds.map((measured) => median(measured[load] ?? [])) as [number, number];
      console.log(`| ${load} | ${host.toFixed(2)} | ${guest.toFixed(2)} | ${(host / guest).toFixed(2)} |`);
    }
    await benchEvents(berth, path.join(folder, 'work'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** This machine's git with what it needs, and programs for the loads. */
async function buildToolImage(berth: Berth, folder: string): Promise<void> {
  const programs = ['git', 'split', 'dd', 'cat', 'ls', 'rm', 'mkdir', 'wc', 'sh', 'seq', 'head', 'tail'];
  const files = (await execa('which', programs)).stdout.split('\n');
  const libraries = (await execa('ldd', files)).stdout.match(/\/\S+(?= \(0x)/g) ?? [];
  const archive = path.join(folder, 'tools.tar');
  const list = [...new Set([...files, ...libraries])];
  await execa('tar', ['-chf', archive, '--transform', 's,^,/,', ...list], { reject: false });
  const imported = await berth.docker(['import', archive, 'tools'], { timeoutMs: 300_000 });
  if (imported.exitCode !== 0) throw new Error(imported.stderr);
  await rm(archive);
}

async function measure(berth: Berth, { mount, runs, files }: SharesBench & { mount: string }) {
  const loads = loadsOf(files);
  const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(loads).map((load) => [load, []]));
  const run = ['run', '-d', '--name', 'bench', '-v', mount, '--tmpfs', '/tmp', '-w', '/work', 'tools', 'sh', '-c'];
  const prepare = [
    `head -c ${files * 100} /dev/urandom > /tmp/source`,
    `mkdir -p tree && cd tree && git init -q && git config user.email b@example.org && git config user.name b`,
    `for d in $(seq ${folders}); do mkdir -p d$d; head -c ${(files / folders) * 100} /tmp/source | split -b 100 -a 3 - d$d/f; done`,
    `git add . && git commit -qm x; echo ready; exec tail -f /dev/null`,
  ];
  await must(berth, [...run, `${prepare.join('; ')}`]);
  while (!(await berth.docker(['logs', 'bench'])).stdout.includes('ready'))
    await new Promise((r) => setTimeout(r, 500));
  for (let at = 0; at < runs; at += 1) {
    for (const [load, script] of Object.entries(loads)) {
      const startedAt = performance.now();
      await must(berth, ['exec', 'bench', 'sh', '-c', `${script} > /dev/null 2>&1`]);
      const took = (performance.now() - startedAt) / 1000;
      seconds[load]?.push(took);
      console.error(`${mount.split(':')[0]}: ${load}: ${took.toFixed(2)} s`);
    }
    await must(berth, ['exec', 'bench', 'rm', 'large']);
  }
  await must(berth, ['rm', '-f', 'bench']);
  return seconds;
}

/** How long after the host wrote a file a program in a container has heard of it. */
async function benchEvents(berth: Berth, folder: string): Promise<void> {
  const mounts = ['-v', '/:/m:ro', '-v', `${folder}:/m/mnt`];
  const program = watcherProgram.replaceAll('console.log(', 'console.log(Date.now(), ');
  await must(berth, [
    'run',
    '-d',
    '--name',
    'watcher',
    ...mounts,
    'busybox',
    'chroot',
    '/m',
    'node',
    '-e',
    program,
    '/mnt',
    '/mnt',
  ]);
  const logs = async () => (await berth.docker(['logs', 'watcher'])).stdout;
  while (!(await logs()).includes('ready')) await new Promise((r) => setTimeout(r, 200));
  const wrote: number[] = [];
  for (let at = 0; at < 20; at += 1) {
    wrote.push(Date.now());
    await writeFile(path.join(folder, `event${at}`), 'x');
    await new Promise((r) => setTimeout(r, 300));
  }
  const lines = (await logs()).split('\n');
  const heard = wrote.map((_, at) => Number(lines.find((line) => line.includes(` event${at} true`))?.split(' ')[0]));
  const latencies = heard.map((time, at) => time - (wrote[at] ?? 0));
  console.log(
    `heard of a new file after ${median(latencies)} ms, ${Math.max(...latencies)} ms at most, of ${latencies.length}`,
  );
  await must(berth, ['rm', '-f', 'watcher']);
}

async function must(berth: Berth, args: string[]): Promise<void> {
  const { exitCode, stderr } = await berth.docker(args, { timeoutMs: 900_000 });
  if (exitCode !== 0) throw new Error(`docker ${args.slice(0, 3).join(' ')}: ${stderr}`);
}
