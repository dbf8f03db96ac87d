import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  architectureOf,
  createDrivers,
  driverSuite,
  findInstallation,
  type RunningVm,
  scratchDir,
  type VmDriver,
} from '@berth/daemon/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { guestEcho, openShell, untilPrinted } from './guest-shell.ts';

const installation = findInstallation({ agentFile: null, imageDir: null });
/** Stands in for Windows: it runs distributions in namespaces of this host. */
const standIn = path.resolve(import.meta.dirname, '../wsl/wsl.exe');
const imageDir = installation.imageDir(architectureOf(process.arch)!);
const startOptions = { signal: new AbortController().signal, onProgress: () => undefined };

function createDriver({ images = imageDir, wslProgram = standIn } = {}): VmDriver {
  return createDrivers({ ...installation, imageDir: () => images, wslProgram }).get('wsl2');
}

async function createSpec() {
  // Not the default folder for scratch files: that may be on a tmpfs.
  const dir = await scratchDir('/var/tmp');
  process.env['WSL_STAND_IN'] = dir.file('wsl');
  const instanceDir = dir.file('machine');
  const spec = { instanceDir, cpus: 2, memoryMiB: 1024, diskGiB: 4, engineSockets: [], engineConfig: {} };
  return { spec, dir, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

function leftovers({ instanceDir }: { instanceDir: string }): Promise<string[]> {
  const processes = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return Promise.resolve([...processes, ...mounts].filter((line) => line.includes(path.dirname(instanceDir))));
}

driverSuite('wsl2 (on a stand-in for wsl.exe)', {
  createDriver: () => createDriver(),
  createSpec,
  guestEcho,
  leftovers,
});

describe('wsl2: the machine over time', () => {
  /** What a command prints in the machine. */
  async function printed(vm: RunningVm, command: string): Promise<string> {
    const shell = await openShell(vm);
    shell.write(`${command}; echo en''d\n`);
    const text = await untilPrinted(shell, 'end\r');
    shell.destroy();
    return text;
  }

  /** An image that differs from the real one by an empty block at its end. */
  async function newerImage(folder: string): Promise<void> {
    await mkdir(folder);
    const manifest = JSON.parse(await readFile(path.join(imageDir, 'wsl.json'), 'utf8')) as {
      files: Record<'root' | 'data', { name: string; sizeBytes: number; digest: string }>;
    };
    const { root, data } = manifest.files;
    await symlink(path.join(imageDir, data.name), path.join(folder, data.name));
    const newer = path.join(folder, root.name);
    await cp(path.join(imageDir, root.name), newer);
    await appendFile(newer, Buffer.alloc(512));
    root.sizeBytes += 512;
    root.digest = `sha256:${execFileSync('sha256sum', [newer], { encoding: 'utf8' }).split(' ')[0]}`;
    await writeFile(path.join(folder, 'wsl.json'), JSON.stringify(manifest));
  }

  test('an upgrade replaces the machine and keeps the data, and so does a registration that was lost', async () => {
    await using made = await createSpec();
    const first = await createDriver().start(made.spec, startOptions);
    await printed(first, 'echo kept >/var/lib/berth/kept; echo gone >/root/gone; sync');
    await first.kill();

    const images = made.dir.file('newer');
    await newerImage(images);
    const second = await createDriver({ images }).start(made.spec, startOptions);
    expect(await printed(second, 'cat /var/lib/berth/kept; ls /root')).toMatch(/\nkept\r\n(?!gone)/);
    await second.kill();

    const distributions = made.dir.file('wsl/distributions');
    const names = execFileSync('ls', [distributions], { encoding: 'utf8' }).trim().split('\n');
    await rm(
      path.join(
        distributions,
        names.find((name) => name.endsWith('-data'))!,
      ),
    );
    const third = await createDriver({ images }).start(made.spec, startOptions);
    expect(await printed(third, 'cat /var/lib/berth/kept')).toContain('\nkept\r');
    await third.kill();
    expect(await leftovers(made.spec)).toEqual([]);
  });

  test('a wsl.exe that is killed under the machine ends it, and the next start is none the worse', async () => {
    await using made = await createSpec();
    const first = await createDriver().start(made.spec, startOptions);
    const { pid } = JSON.parse(await readFile(path.join(made.spec.instanceDir, 'wsl-machine.pid'), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGKILL');
    expect(await first.exited).toMatchObject({ expected: false });
    const second = await createDriver().start(made.spec, startOptions);
    await second.kill();
    expect(await leftovers(made.spec)).toEqual([]);
  });
});

describe('wsl2: what can go wrong', () => {
  afterEach(() => {
    for (const name of ['WSL_STAND_IN_FAIL', 'WSL_STAND_IN_LANGUAGE', 'WSL_STAND_IN_VERSION']) delete process.env[name];
  });

  test('no wsl.exe, one that is too old to tell, and one that is too old: each says what to do', async () => {
    await using made = await createSpec();
    const problem = async (wslProgram?: string) => {
      const found = await createDriver(wslProgram === undefined ? {} : { wslProgram }).check();
      return found.usable ? found.detail : found.problem;
    };
    expect(await problem()).toBe('WSL 2.6.1');
    expect(await problem(path.join(made.dir.path, 'nowhere.exe'))).toMatch(/^WSL is not installed: run `wsl --install/);
    process.env['WSL_STAND_IN_VERSION'] = '1.2.5.0';
    expect(await problem()).toBe('WSL 1.2.5 is too old: run `wsl --update`');
    process.env['WSL_STAND_IN_VERSION'] = 'none';
    expect(await problem()).toMatch(/^WSL is too old to tell its version: run `wsl --update`/);
  });

  test.each([
    ['en', 'wsl.exe --import: The operation failed. (HCS_E_HYPERV_NOT_INSTALLED) - turn virtualization on'],
    ['de', 'wsl.exe --import: Der Vorgang ist fehlgeschlagen. (HCS_E_HYPERV_NOT_INSTALLED) - turn virtualization on'],
  ])('an import that fails in %s is told in one line with its remedy', async (language, line) => {
    await using made = await createSpec();
    process.env['WSL_STAND_IN_LANGUAGE'] = language;
    process.env['WSL_STAND_IN_FAIL'] = '--import:HCS_E_HYPERV_NOT_INSTALLED';
    await expect(createDriver().start(made.spec, startOptions)).rejects.toThrow(line);
    expect(await leftovers(made.spec)).toEqual([]);
  });

  test('no image: says which file, and how to make it', async () => {
    await using made = await createSpec();
    await expect(createDriver({ images: made.dir.path }).start(made.spec, startOptions)).rejects.toThrow(
      /there is no WSL image: .*wsl.json cannot be read; make it with `node vm-images/,
    );
  });
});
