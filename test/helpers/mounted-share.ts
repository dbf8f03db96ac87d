import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { serveFolder } from '@berth/daemon/testing';
import { createLogger, ShareMounts } from '@berth/guest-agent/testing';
import { execa } from 'execa';

/** A folder of this machine, mounted on this machine as a guest would mount it: with no VM between. */
export interface MountedShare extends AsyncDisposable {
  host: string;
  /** Only other processes may look into it: this one answers for it. */
  guest: string;
  mounts: ShareMounts;
  /** The server goes, and another one comes. */
  breakStream(): void;
  /** A shell in the mounted share. */
  run(script: string): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }>;
}

export const shareId = 'share';
const killed = { timeout: 30_000, killSignal: 'SIGKILL' } as const;
export const canMountShares: boolean = process.getuid?.() === 0 && existsSync('/dev/fuse');

/** @param given the host's folder; left out: one that goes with the mount */
export async function mountShare(given?: string): Promise<MountedShare> {
  const dir = await realpath(await mkdtemp(path.join(os.tmpdir(), 'berth-share-')));
  const [host, attributesFile] = [given ?? path.join(dir, 'host'), path.join(dir, 'attributes.json')];
  await mkdir(host, { recursive: true });
  let stream: Duplex | null = null;
  const mounts: ShareMounts = new ShareMounts({
    folder: path.join(dir, 'mounts'),
    connect: async () => {
      const report = (changes: Parameters<ShareMounts['changed']>[1]) => mounts.changed(shareId, changes);
      return (stream = await serveFolder({ root: host, attributesFile, report }));
    },
    log: createLogger('error'),
  });
  const guest = await mounts.path(shareId);
  return {
    ...{ host, guest, mounts },
    breakStream: () => void stream?.destroy(),
    run: async (script) => {
      // Not as its working directory: whoever starts a process waits for it to get there.
      const inGuest = ['-c', `cd "$0" && ${script}`, guest];
      const { stdout, stderr, exitCode } = await execa('sh', inGuest, { reject: false, ...killed });
      return { stdout, stderr, exitCode };
    },
    async [Symbol.asyncDispose]() {
      mounts[Symbol.dispose]();
      await execa('umount', ['-l', guest]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
