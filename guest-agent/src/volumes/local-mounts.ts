import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { stat } from 'node:fs/promises';
import { isIP, isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { SystemError } from '../api/errors.ts';
import { isMounted } from '../storage/mount-table.ts';

const run = promisify(execFile);

export interface LocalMount {
  type: string;
  device: string;
  options: string;
  target: string;
}

/** Mounts what a volume's options say. Rejects with SystemError; a password in the options is not repeated. */
export async function mountLocal(mount: LocalMount): Promise<void> {
  const { type, target } = mount;
  const { device, options } = await withAddresses(mount);
  try {
    // -i: no helper programs, as Docker does; what a helper would look up has been looked up.
    await run('mount', ['-i', '-t', type || 'none', ...(options ? ['-o', options] : []), device, target]);
  } catch (error) {
    throw new SystemError(`failed to mount local volume: ${await describe(mount, error)}`, {
      cause: withoutPassword(error),
    });
  }
}

/** Fine when nothing is mounted there. */
export async function unmountLocal(target: string): Promise<void> {
  if (await isMounted(target)) await run('umount', [target]);
}

/** The kernel wants addresses where people write names: in addr=, and without it in the device of a Windows share. */
export async function withAddresses({
  type,
  device,
  options,
}: Pick<LocalMount, 'type' | 'device' | 'options'>): Promise<Pick<LocalMount, 'device' | 'options'>> {
  if (type !== 'nfs' && type !== 'cifs') return { device, options };
  const [, host] = /(?:^|,)addr=([^,]*)/.exec(options) ?? [];
  if (host && !isIPv4(host))
    return { device, options: options.replace(`addr=${host}`, `addr=${await addressOf(host)}`) };
  const [, server] = /^\/\/([^/]+)/.exec(device) ?? [];
  if (host || type !== 'cifs' || server === undefined || isIP(server)) return { device, options };
  return { device: device.replace(server, await addressOf(server)), options };
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new SystemError(`error resolving passed in network volume address: lookup ${host}: no such host`, {
      cause: error,
    });
  }
}

async function describe({ device, options, target }: LocalMount, error: unknown): Promise<string> {
  const parts = options.split(',');
  const isBind = parts.includes('bind') || parts.includes('rbind');
  const missing = isBind && !(await stat(device).catch(() => undefined));
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const reason = missing ? 'no such file or directory' : reasonIn(stderr);
  const data = isBind || options === '' ? '' : `, data: ${hidePassword(options)}`;
  return `mount ${device}:${target}${isBind ? ', flags: 0x1000' : ''}${data}: ${hidePassword(reason)}`;
}

/** mount(8) explains, the kernel is short: this is what Docker passes on. */
function reasonIn(stderr: string): string {
  const [first = ''] = stderr.split('\n');
  const known = /unknown filesystem type/.test(first) ? 'no such device' : undefined;
  return known ?? (first.replace(/^mount: (?:[^:]*: )?/, '').replace(/\.$/, '') || 'mount failed');
}

const hidePassword = (text: string): string => text.replace(/password=[^,\s]*/g, 'password=********');

/** The failed command line would tell it. */
const withoutPassword = (error: unknown): Error =>
  new Error(hidePassword(error instanceof Error ? error.message : String(error)));
