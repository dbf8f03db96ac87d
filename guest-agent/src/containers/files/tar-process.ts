import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { SystemError } from '../../api/index.ts';

/** GNU tar: Node can neither read extended attributes nor make devices. */
export interface TarProcess {
  readonly input: Writable;
  /** Empty where it writes to a connection itself. */
  readonly output: Readable;
  /** Settles when it has ended. 1 is its way to say that a file changed while it was read. */
  readonly done: Promise<void>;
  stop(): void;
}

const format = [
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime,delete=mtime',
  '--numeric-owner',
  '--sort=name',
  '--xattrs',
  '--xattrs-include=user.*',
  '--xattrs-include=security.capability',
];

/** Packs names (one each, relative, NUL-terminated on its input) of `cwd`; it follows no links. */
export function packWithTar(
  cwd: string,
  options: { transform: string; recordBlocks: number; to?: Socket | undefined },
): TarProcess {
  const { transform, recordBlocks, to } = options;
  const names = ['--null', '--verbatim-files-from', '-T', '-'];
  const args = [...format, '-P', '-b', String(recordBlocks), '--transform', transform, ...names];
  return startTar(cwd, ['-c', '-f', '-', ...args], to);
}

/** Unpacks an archive on its input into `cwd`. */
export function unpackWithTar(cwd: string): TarProcess {
  return startTar(cwd, ['-x', '-f', '-', '-p', '--same-owner', '--numeric-owner', '--xattrs', '--xattrs-include=*']);
}

const env = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function startTar(cwd: string, args: string[], to?: Socket): TarProcess {
  const child = spawn('tar', args, { cwd, stdio: ['pipe', to ?? 'pipe', 'pipe'], env }) as ChildProcessByStdio<
    Writable,
    Readable | null,
    Readable
  >;
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.length < 16 && errors.push(chunk));
  child.stdin.on('error', () => undefined);
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new SystemError(`tar: ${error.message}`, { cause: error })));
    child.once('close', (code) => {
      if (code === 0 || code === 1) resolve();
      else reject(new SystemError(Buffer.concat(errors).toString().trim() || `tar ended with ${code}`));
    });
  });
  done.catch(() => undefined);
  return { input: child.stdin, output: child.stdout ?? Readable.from([]), done, stop: () => child.kill('SIGKILL') };
}

/** sed expressions for tar that put `name` in the place of '.', '' for nothing; links keep what they say. */
export function renamed(name: string): string {
  const escaped = name.replace(/[\\&,]/g, '\\$&');
  if (name === '') return 's,^\\./,,S';
  return `s,^\\.$,${escaped},S;s,^\\./,${name === '/' ? '' : escaped}/,S`;
}

/** For one file, which goes by another name. */
export function renamedFile(from: string, to: string): string {
  const pattern = from.replace(/[\\.*[\]^$,&]/g, '\\$&');
  return `s,^\\./${pattern}$,${to.replace(/[\\&,]/g, '\\$&')},S`;
}
