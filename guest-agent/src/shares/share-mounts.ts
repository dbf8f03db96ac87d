import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { DeviceFolders } from '../config.ts';
import type { FileChange } from '../api/guest/protocol.ts';
import type { Logger } from '../logger.ts';
import { isMounted } from '../storage/mount-table.ts';
import { mountDevice } from './device-mount.ts';
import { FuseChannel, unmount } from './fuse/channel.ts';
import { HostFolder } from './host-folder.ts';
import { Replayer } from './replayer.ts';
import { SftpConnection } from './sftp-connection.ts';
import { ShareFileSystem } from './share-file-system.ts';

export interface ShareMountsOptions {
  /** Where they are mounted, each in a folder named after its share. */
  folder: string;
  /** Shares that are devices of this machine; null or left out: none. */
  devices?: DeviceFolders | null;
  /** Opens a stream to the host's server for a share; rejects when there is none for now. */
  connect: (share: string, signal: AbortSignal) => Promise<Duplex>;
  log: Logger;
}

interface Mount {
  path: string;
  /** null: it is the kernel's own. */
  files: ShareFileSystem | null;
}

/** The host's shared folders in this machine: mounted at their first use, and again when that has ended. */
export class ShareMounts implements Disposable {
  readonly #options: ShareMountsOptions;
  readonly #mounts = new Map<string, Promise<Mount>>();
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
    return (await mount).path;
  }

  /** Others than this machine changed a share: tells those who watch, which nobody does where it is not mounted. */
  async changed(share: string, changes: readonly FileChange[]): Promise<void> {
    const mount = await this.#mounts.get(share)?.catch(() => null);
    await mount?.files?.changed(changes);
  }

  /** What containers still hold answers with an error. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  async #mount(share: string, onEnd: () => void): Promise<Mount> {
    const { folder, devices, connect, log } = this.#options;
    const target = path.join(folder, share);
    if (devices?.tags.includes(share)) {
      await mountDevice(devices.kind, share, target);
      return { path: target, files: null };
    }
    await removeLeftovers(target);
    await mkdir(target, { recursive: true });
    const channel = this.#stack.use(await FuseChannel.mount(target));
    const replayer = this.#stack.use(new Replayer({ mount: target, root: path.join(folder, `${share}.replays`) }));
    const onServer = () => void files.lookAgain();
    const connection = this.#stack.use(new SftpConnection({ connect: (signal) => connect(share, signal), onServer }));
    const files = new ShareFileSystem({ channel, host: new HostFolder(connection), replayer, log });
    const broken = (err: unknown) => log.error({ err, share }, 'a folder of the host cannot be served any more');
    void files
      .run()
      .catch(broken)
      .finally(() => {
        onEnd();
        replayer[Symbol.dispose]();
        connection[Symbol.dispose]();
        channel[Symbol.dispose]();
        log.info({ share }, 'a folder of the host is not mounted any more');
      });
    return { path: target, files };
  }
}

/** What an earlier agent left may not even be looked at. */
async function removeLeftovers(target: string): Promise<void> {
  while (await isMounted(target)) await unmount(target);
}
