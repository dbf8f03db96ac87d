import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SystemError } from '../api/errors.ts';
import type { Logger } from '../logger.ts';
import { readMountTable } from '../storage/mount-table.ts';
import { SftpCarrier, type SftpCarrierOptions } from './sftp-carrier.ts';

export interface ShareMountsOptions {
  /** Where they are mounted, each in a folder named after its share. */
  folder: string;
  /** Opens a stream to the host's server for a share; rejects when there will be none. */
  connect: (share: string, signal: AbortSignal) => ReturnType<SftpCarrierOptions['connect']>;
  log: Logger;
}

const run = promisify(execFile);
const mountTimeoutMs = 10_000;
const mountCheckIntervalMs = 10;

/**
 * What the host changes is seen within this: by sshfs's own cache, and by the kernel's after it. Nobody but containers'
 * own processes is to be told apart (no default_permissions): the host's user is who reads and writes there.
 */
const options = [
  'passive',
  'allow_other',
  'suid',
  'auto_cache',
  'dcache_timeout=1',
  'attr_timeout=0.3',
  'entry_timeout=0.3',
].join(',');

/** The host's shared folders in this machine: mounted by sshfs at their first use, and again when that has ended. */
export class ShareMounts implements Disposable {
  readonly #options: ShareMountsOptions;
  readonly #mounts = new Map<string, Promise<string>>();
  readonly #closing = new AbortController();

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

  /** Ends their clients: what containers still hold answers with an error. */
  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  async #mount(share: string, onEnd: () => void): Promise<string> {
    const target = path.join(this.#options.folder, share);
    // What an earlier one left may not even be looked at.
    await unmount(target);
    await mkdir(target, { recursive: true });
    const client = spawn('sshfs', [':/', target, '-f', '-o', options], { stdio: 'pipe' });
    let said = '';
    client.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new AbortController();
    client.on('error', (error) => (said += error.message));
    client.once('close', () => ended.abort());
    ended.signal.addEventListener('abort', () => {
      onEnd();
      this.#options.log.info({ share, said: said.trim() }, 'a folder of the host is not mounted any more');
    });
    void this.#carry(share, client.stdout, client.stdin);
    if (await isMounted(target, ended.signal)) return target;
    client.kill('SIGKILL');
    throw new SystemError(`a folder of the host could not be mounted: ${said.trim() || 'no answer'}`);
  }

  async #carry(share: string, requests: Readable, answers: Writable): Promise<void> {
    const connect = (signal: AbortSignal) => this.#options.connect(share, signal);
    await new SftpCarrier({ requests, answers, connect, signal: this.#closing.signal }).run();
  }
}

async function isMounted(target: string, ended: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(mountTimeoutMs)]);
  while (!signal.aborted) {
    if (await findMount(target)) return true;
    await delay(mountCheckIntervalMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

const findMount = async (target: string): Promise<boolean> =>
  (await readMountTable()).some(({ mountPoint }) => mountPoint === target);

/** Also one whose server is gone, and that is in use. */
async function unmount(target: string): Promise<void> {
  while (await findMount(target)) {
    const failed = await run('umount', ['-l', target]).then(
      () => false,
      () => true,
    );
    if (failed) return;
  }
}
