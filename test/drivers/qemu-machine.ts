import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import path from 'node:path';
import {
  type Architecture,
  createDrivers,
  type DriverSuiteOptions,
  findInstallation,
  type GuestEcho,
  type RunningVm,
  scratchDir,
  type VmDriver,
} from '@berth/daemon/testing';

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

/** A root shell of the guest, for what only the guest can do. */
export async function openShell(vm: RunningVm): Promise<Duplex> {
  const stream = await vm.dial({ kind: 'guest' });
  const ask = request({
    method: 'POST',
    path: '/guest/shell?cols=80&rows=24',
    headers: { Host: 'guest', Connection: 'Upgrade', Upgrade: 'berth-shell' },
    createConnection: () => stream,
  });
  const [, socket] = (await once(ask.end(), 'upgrade')) as [unknown, Duplex];
  socket.on('error', () => undefined);
  return socket;
}

/** Everything printed up to the chunk with `text`; later output stays in the stream for the next call. */
export async function untilPrinted(shell: Duplex, text: string): Promise<string> {
  let printed = '';
  for await (const chunk of shell.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (printed.includes(text)) return printed;
  }
  throw new Error(`the shell ended: ${printed}`);
}

async function guestEcho(vm: RunningVm): Promise<GuestEcho> {
  const shell = await openShell(vm);
  const program =
    "require('net').createServer({allowHalfOpen:true},s=>s.on('error',()=>s.destroy()).pipe(s)).listen(7007,'127.0.0.1',()=>console.log('e'+'cho is up'))";
  shell.write(`exec node -e "${program}"\n`);
  await untilPrinted(shell, 'echo is up');
  const close = async () => {
    // Ctrl-C on its terminal: nothing may be left in the guest when the next echo wants the port.
    shell.write('\u0003');
    if (!shell.readableEnded)
      await new Promise((resolve) => shell.resume().once('close', resolve).once('end', resolve));
    shell.destroy();
  };
  return { host: '127.0.0.1', port: 7007, [Symbol.asyncDispose]: close };
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
