import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Architecture,
  createDrivers,
  type DriverSuiteOptions,
  findInstallation,
  scratchDir,
  type VmDriver,
} from '@berth/daemon/testing';
import { guestEcho } from './guest-shell.ts';

const installation = findInstallation({ agentFile: null, imageDir: process.env['BERTH_IMAGE_DIR'] ?? null });

/** Folder of the VM image for a processor. */
export const imageDir: (architecture: Architecture) => string = installation.imageDir;

export function createDriver(images = imageDir): VmDriver {
  return createDrivers({ ...installation, imageDir: images }).get('qemu');
}

export async function createSpec(architecture?: Architecture) {
  const dir = await scratchDir();
  const size = { cpus: 2, memoryMiB: 1024, diskGiB: 4, ...(architecture && { architecture }) };
  const spec = { instanceDir: dir.path, ...size, engineSockets: [], engineConfig: {} };
  return { spec, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

export function processesOf({ instanceDir }: { instanceDir: string }): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(instanceDir));
}

export function qemuPid(instanceDir: string): number {
  return (JSON.parse(readFileSync(path.join(instanceDir, 'qemu.pid'), 'utf8')) as { pid: number }).pid;
}

/** What the conformance suite needs for a guest of this processor; left out: the host's. */
export function suiteOptions(architecture?: Architecture): DriverSuiteOptions {
  return {
    createDriver: () => createDriver(),
    createSpec: () => createSpec(architecture),
    guestEcho,
    leftovers: (spec) => Promise.resolve(processesOf(spec)),
    crash: async ({ instanceDir }) => {
      process.kill(qemuPid(instanceDir), 'SIGKILL');
      await Promise.resolve();
    },
  };
}
