import { execFileSync } from 'node:child_process';
import { appendFile, cp, mkdir, rm, stat, symlink, truncate } from 'node:fs/promises';
import path from 'node:path';
import { architectureOf, driverSuite, type RunningVm, scratchDir, until } from '@berth/daemon/testing';
import { describe, expect, test } from 'vitest';
import { openShell, untilPrinted } from './guest-shell.ts';
import { createDriver, createSpec, imageDir, processesOf, qemuPid, suiteOptions } from './qemu-machine.ts';

const hostImage = imageDir(architectureOf(process.arch)!);

driverSuite('qemu', suiteOptions());

describe('qemu: the machine over time', () => {
  const options = { signal: new AbortController().signal, onProgress: () => undefined };

  test('powers off from inside; a larger disk is larger in the guest; a killed agent comes back', async () => {
    await using made = await createSpec();
    const first = await createDriver().start(made.spec, options);
    (await openShell(first)).write('poweroff\n');
    expect(await first.exited).toEqual({ expected: false, reason: 'the guest powered itself off' });
    expect(processesOf(made.spec)).toEqual([]);

    const grown = { ...made.spec, diskGiB: 6 };
    const second = await createDriver().start(grown, options);
    try {
      const shell = await openShell(second);
      // What is typed is echoed, so the words to wait for are only put together by the shell.
      shell.write("df -k /var/lib/berth; echo d''one\n");
      expect(sizeInGiB(await untilPrinted(shell, 'done\r'))).toBeGreaterThan(5);
      shell.write("echo agent $(pidof node) en''d; kill -9 $(pidof node)\n");
      await new Promise((resolve) => shell.resume().once('close', resolve).once('end', resolve));
      shell.destroy();
      await until(() => answers(second), { timeoutMs: 60_000, what: 'an answer of the agent that was started again' });
    } finally {
      await second.kill();
    }
  });

  async function answers(vm: RunningVm): Promise<boolean> {
    try {
      (await vm.dial({ kind: 'engine' })).destroy();
      return true;
    } catch {
      return false;
    }
  }

  /** Out of the line of busybox's or coreutils' df for the data disk. */
  function sizeInGiB(printed: string): number {
    const kibibytes = /\/dev\/vd\w+\s+(\d+)/.exec(printed)?.[1];
    return Number(kibibytes) / 1024 ** 2;
  }
});

describe('qemu: what can go wrong', () => {
  const options = { signal: new AbortController().signal, onProgress: () => undefined };

  test('no VM image: says which file, and what to do', async () => {
    await using made = await createSpec();
    const driver = createDriver(() => path.join(made.spec.instanceDir, 'nowhere'));
    await expect(driver.start(made.spec, options)).rejects.toThrow(
      /there is no VM image: .*nowhere\/manifest.json cannot be read; run scripts\/setup/,
    );
  });

  test('a corrupt VM image: names the file, starts nothing', async () => {
    await using made = await createSpec();
    await using image = await scratchDir();
    for (const name of ['manifest.json', 'vmlinux', 'initramfs.cpio', 'root.img', 'emulator.img']) {
      await symlink(path.join(hostImage, name), image.file(name));
    }
    await cp(path.join(hostImage, 'agent.img'), image.file('agent.img'));
    const { size } = await stat(image.file('agent.img'));
    await truncate(image.file('agent.img'), size - 1);
    await appendFile(image.file('agent.img'), 'x');
    await expect(createDriver(() => image.path).start(made.spec, options)).rejects.toThrow(
      /the VM image is corrupt: .*agent.img does not have its manifest's digest/,
    );
    await rm(image.file('agent.img'));
    await expect(createDriver(() => image.path).start(made.spec, options)).rejects.toThrow(
      /the VM image is incomplete: .*agent.img is missing/,
    );
    expect(processesOf(made.spec)).toEqual([]);
  });

  test('a data disk that holds something else: the guest says so and the start fails with that line', async () => {
    await using made = await createSpec();
    await mkdir(made.spec.instanceDir, { recursive: true });
    await appendFile(path.join(made.spec.instanceDir, 'data.raw'), 'somebody else wrote this');
    const failure = await createDriver()
      .start(made.spec, options)
      .catch((error: unknown) => error as Error & { consoleTail: string });
    expect((failure as Error).message).toMatch(
      /the guest did not boot: 30-data-disk: the data disk is neither blank nor ext4/,
    );
    expect((failure as { consoleTail: string }).consoleTail).toContain('boot failed');
    expect(processesOf(made.spec)).toEqual([]);
  });

  test('no port of the host leads into the guest, and its sockets are for their owner only', async () => {
    await using made = await createSpec();
    const vm = await createDriver().start(made.spec, options);
    try {
      const listening = execFileSync('ss', ['-Hltnup'], { encoding: 'utf8' });
      expect(listening).not.toContain(`pid=${qemuPid(made.spec.instanceDir)},`);
      for (const name of ['link.sock', 'qmp.sock', 'agent.json']) {
        expect((await stat(path.join(made.spec.instanceDir, name))).mode & 0o077).toBe(0);
      }
    } finally {
      await vm.kill();
    }
    expect(processesOf(made.spec)).toEqual([]);
  });
});
