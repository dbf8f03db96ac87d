import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { findVirtiofsd } from '@berth/daemon/testing';
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
  /** By what the second folder is shown; left out: virtiofs where there is one, else 9p. */
  kind?: string | undefined;
}

/** Each in a folder of its own below /work; prints nothing. */
const loadsOf = (files: number): Record<string, string> => ({
  [`write ${largeMiB} MiB in one go`]: `dd if=/dev/zero of=large bs=1M count=${largeMiB} conv=fsync`,
  [`read them`]: `dd if=large of=/dev/null bs=1M`,
  [`make ${files} files of 100 bytes`]: `mkdir many; split -a 4 -b 100 /tmp/source many/f`,
  [`read them all`]: `cat many/* | wc -c`,
  [`list them with their attributes`]: `ls -l many`,
  [`remove them`]: `rm -r many; rm large`,
  [`git status, ${files} files, first time`]: `git -C tree status --short`,
  [`git status again`]: `git -C tree status --short`,
});

/** A way to /work of a container, and how the tree gets there. */
interface Column {
  name: string;
  mount: string;
  /** Where it is on this host; null: in the machine. */
  folder: string | null;
}

type Seconds = Record<string, Record<string, number[]>>;

/**
 * Folders that containers of the microVM see: those of the host, by the usual kind of mount and another one, and the machine's
 * own disk. In one machine, load by load.
 */
export async function benchShares({ runs, files, kind }: SharesBench): Promise<void> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'berth-bench-')));
  const [usual, fast] = ['usual', 'fast'].map((name) => path.join(folder, name)) as [string, string];
  await Promise.all([usual, fast].map((dir) => mkdir(dir)));
  const shareKind = kind ?? ('file' in (await findVirtiofsd()) ? 'virtiofs' : '9p');
  // What is shared when the machine starts is shown by that, the rest is not.
  const settings = { shareKind, shares: [fast] };
  await using berth = await startBerth('qemu', { settings });
  try {
    await writeFile(path.join(berth.home, 'settings.json'), JSON.stringify({ ...settings, shares: [usual, fast] }));
    const columns: Column[] = [
      { name: 'SFTP (the default)', mount: `${usual}:/work`, folder: usual },
      { name: shareKind, mount: `${fast}:/work`, folder: fast },
      { name: 'the guest’s disk', mount: 'bench:/work', folder: null },
    ];
    await buildToolImage(berth, folder);
    await makeTree(folder, files);
    for (const [at, column] of columns.entries()) await prepare(berth, { at, column, folder });
    print(columns, await measure(berth, columns, { runs, files }), runs);
    await benchEvents(berth, usual);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every cell: seconds, and as many times the last column's. */
function print(columns: readonly Column[], seconds: Seconds, runs: number): void {
  console.log(`| seconds, median of ${runs} | ${columns.map(({ name }) => name).join(' | ')} |`);
  console.log(`| --- |${' --- |'.repeat(columns.length)}`);
  for (const [load, measured] of Object.entries(seconds)) {
    const medians = columns.map(({ name }) => median(measured[name] ?? []));
    const disk = medians.at(-1) ?? 0;
    const cells = medians.map((took) =>
      took === disk ? took.toFixed(2) : `${took.toFixed(2)} (${(took / disk).toFixed(1)})`,
    );
    console.log(`| ${load} | ${cells.join(' | ')} |`);
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

/** A repository as an archive: unpacked, its files are not those that its index knows, wherever that is done. */
async function makeTree(folder: string, files: number): Promise<void> {
  const script = [
    `head -c ${files * 100} /dev/urandom > source; mkdir tree; cd tree`,
    `git init -q; git config user.email b@example.org; git config user.name b`,
    `for d in $(seq ${folders}); do mkdir d$d; head -c ${(files / folders) * 100} ../source | split -b 100 -a 3 - d$d/f; done`,
    `git add .; git commit -qm x; cd ..; tar -cf tree.tar tree; rm -r tree`,
  ];
  await execa('sh', ['-ec', script.join('\n')], { cwd: folder });
}

const containerOf = (at: number): string => `bench${at}`;

async function prepare(berth: Berth, { at, column, folder }: { at: number; column: Column; folder: string }) {
  const name = containerOf(at);
  const run = ['run', '-d', '--name', name, '-v', column.mount, '--tmpfs', '/tmp', '-w', '/work', 'tools'];
  await must(berth, [...run, 'tail', '-f', '/dev/null']);
  await must(berth, ['cp', path.join(folder, 'source'), `${name}:/source`]);
  // What unpacked it is another user than the one who asks.
  await must(berth, ['exec', name, 'sh', '-c', 'cat /source > /tmp/source; git config --system safe.directory "*"']);
  const archive = path.join(folder, 'tree.tar');
  if (column.folder !== null) await execa('tar', ['-xf', archive, '-C', column.folder]);
  else
    await execa('docker', ['cp', '-', `${name}:/work`], { inputFile: archive, env: { DOCKER_HOST: berth.dockerHost } });
}

async function measure(berth: Berth, columns: readonly Column[], { runs, files }: SharesBench): Promise<Seconds> {
  const seconds: Seconds = {};
  for (let run = 0; run < runs; run += 1) {
    for (const [load, script] of Object.entries(loadsOf(files))) {
      for (const [at, { name }] of columns.entries()) {
        const startedAt = performance.now();
        await must(berth, ['exec', containerOf(at), 'sh', '-ec', `${script} > /dev/null`]);
        const took = (performance.now() - startedAt) / 1000;
        ((seconds[load] ??= {})[name] ??= []).push(took);
        console.error(`${load}: ${name}: ${took.toFixed(2)} s`);
      }
    }
  }
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
  const { exitCode, stderr } = await berth.docker(args, { timeoutMs: 1_800_000 });
  if (exitCode !== 0) throw new Error(`docker ${args.slice(0, 3).join(' ')}: ${stderr}`);
}
