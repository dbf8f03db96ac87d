import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from '../logger.ts';
import { readMountTable } from '../storage/mount-table.ts';
import { FuseChannel, unmount } from './fuse/channel.ts';
import { HostFolder } from './host-folder.ts';
import { SftpConnection } from './sftp-connection.ts';
import { ShareFileSystem } from './share-file-system.ts';

export interface ShareMountsOptions {
  /** Where they are mounted, each in a folder named after its share. */
  folder: string;
  /** Opens a stream to the host's server for a share; rejects when there is none for now. */
  connect: (share: string, signal: AbortSignal) => Promise<Duplex>;
  log: Logger;
}

/** The host's shared folders in this machine: mounted at their first use, and again when that has ended. */
export class ShareMounts implements Disposable {
  readonly #options: ShareMountsOptions;
  readonly #mounts = new Map<string, Promise<string>>();
  readonly #stack = new DisposableStack();

  constructor(options: ShareMountsOptions) {
    this.#options = options;
  }

  /** Where the share is in this machine. */
  async path(share: string): Promise<string> {
    let mount = this.#mounts.get(share);
    if (!mount) {
      const forget = () => void this.#mounts.delete(share);
      mount = this.#mount(share, forget);
      mount.catch(forget);
      this.#mounts.set(share, mount);
    }
    return await mount;
  }

  /** What containers still hold answers with an error. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  async #mount(share: string, onEnd: () => void): Promise<string> {
    const { folder, connect, log } = this.#options;
    const target = path.join(folder, share);
    await removeLeftovers(target);
    await mkdir(target, { recursive: true });
    const channel = this.#stack.use(await FuseChannel.mount(target));
    const connection = this.#stack.use(new SftpConnection({ connect: (signal) => connect(share, signal) }));
    const ended = new ShareFileSystem({ channel, host: new HostFolder(connection), log }).run();
    void ended.finally(() => {
      onEnd();
      connection[Symbol.dispose]();
      channel[Symbol.dispose]();
      log.info({ share }, 'a folder of the host is not mounted any more');
    });
    return target;
  }
}

/** What an earlier agent left may not even be looked at. */
async function removeLeftovers(target: string): Promise<void> {
  while ((await readMountTable()).some(({ mountPoint }) => mountPoint === target)) await unmount(target);
}
