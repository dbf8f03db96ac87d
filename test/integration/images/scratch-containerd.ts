import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectContainerd } from '@berth/guest-agent/testing';

export interface ScratchContainerd extends AsyncDisposable {
  dir: string;
  address: string;
  /** Kills it without warning; it is back when this resolves. */
  crash(): Promise<void>;
}

/** A containerd with nothing in it, gone afterwards with all that it had; on a disk of its own where a size is given. */
export async function startContainerd({ diskMiB }: { diskMiB?: number } = {}): Promise<ScratchContainerd> {
  const dir = await mkdtemp(path.join(tmpdir(), 'berth-containerd-'));
  const root = path.join(dir, 'root');
  await mkdir(root);
  if (diskMiB !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'none', root]);
  const address = path.join(dir, 'containerd.sock');
  const config = path.join(dir, 'config.toml');
  await writeFile(
    config,
    `version = 2\nroot = "${root}"\nstate = "${dir}/state"\n` +
      `disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "${address}"\n`,
  );
  let running = await spawnContainerd(config, address);
  return {
    dir,
    address,
    async crash() {
      running.child.kill('SIGKILL');
      await running.exited;
      running = await spawnContainerd(config, address);
    },
    async [Symbol.asyncDispose]() {
      const { child, exited } = running;
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(10_000)]);
      child.kill('SIGKILL');
      await exited;
      if (diskMiB !== undefined) execFileSync('umount', [root]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function spawnContainerd(config: string, address: string) {
  const child = spawn('containerd', ['-c', config], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await using client = connectContainerd({ address, namespace: 'moby' });
  await client.waitUntilReady({ timeoutMs: 15_000 });
  return { child, exited };
}
