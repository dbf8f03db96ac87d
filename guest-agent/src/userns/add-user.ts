import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hasProgram } from '../containers/runtimes/has-program.ts';
import { freeStart, rangeSize, readSubIds } from './sub-ids.ts';

const run = promisify(execFile);

const adders: ReadonlyArray<readonly [file: string, ...args: string[]]> = [
  [
    'adduser',
    ...['--system', '--shell', '/bin/false', '--no-create-home', '--disabled-login', '--disabled-password', '--group'],
  ],
  ['useradd', '-r', '-s', '/bin/false'],
];

/** Makes a system user with a group of the same name and 65,536 subordinate ids of each kind, as dockerd does. */
export async function addUser(name: string): Promise<void> {
  const [file, ...args] = adders.find(([program]) => hasProgram(program)) ?? [];
  if (file === undefined) throw failed(name, 'cannot add user; no useradd/adduser binary found');
  await run(file, [...args, name]).catch((error: unknown) => {
    throw failed(name, `failed to add user with error: ${(error as Error).message}`, error);
  });
  await addRange(name, '/etc/subuid', '-v');
  await addRange(name, '/etc/subgid', '-w');
}

const failed = (name: string, reason: string, cause?: unknown) =>
  new Error(`error adding user ${JSON.stringify(name)}: ${reason}`, { cause });

/** The distribution's program may have done it. */
async function addRange(name: string, file: string, option: '-v' | '-w'): Promise<void> {
  const lines = await readSubIds(file).catch(() => []);
  if (lines.some(({ owner }) => owner === name)) return;
  const start = freeStart(lines);
  await run('usermod', [option, `${start}-${start + rangeSize - 1}`, name]).catch((error: unknown) => {
    const kind = option === '-v' ? 'subuid' : 'subgid';
    const reason = `unable to add ${kind} range to user: ${JSON.stringify(name)}; ${(error as Error).message}`;
    throw new Error(`couldn't create subordinate ID ranges: ${reason}`, { cause: error });
  });
}
