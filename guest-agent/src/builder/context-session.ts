import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SystemError } from '../api/errors.ts';
import { childEnvironment } from '../config.ts';

export interface ContextOptions {
  /** vm-images/programs/context-session */
  program: string;
  /** buildkitd's. */
  socket: string;
  /** In which contexts are unpacked. */
  folder: string;
  /** Tar, compressed or not. */
  archive: Readable;
  /** Give all of it to root? */
  isOfRoot: boolean;
  signal: AbortSignal;
}

/** A build's context, from which BuildKit takes what it needs. */
export interface ContextSession extends AsyncDisposable {
  /** The session in which it does. */
  id: string;
}

/** Unpacks a context as it arrives, by a program of its own: none of it stays in the agent. */
export async function openContextSession(options: ContextOptions): Promise<ContextSession> {
  const { program, socket, archive, isOfRoot, signal } = options;
  const folder = path.join(options.folder, randomUUID());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const args = ['--pdeathsig', 'KILL', '--', program, socket, folder, ...(isOfRoot ? ['root'] : [])];
  const child = spawn('setpriv', args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: childEnvironment({}),
    signal,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'close').catch(() => undefined);
  const close = async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [sent, said] = await Promise.allSettled([pipeline(archive, child.stdin), firstLine(child.stdout)]);
    if (said.status === 'rejected') throw sent.status === 'rejected' ? sent.reason : said.reason;
    const { session, error } = JSON.parse(said.value) as { session?: string; error?: string };
    if (session === undefined) throw new SystemError(error ?? 'the context could not be unpacked');
    return { id: session, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface({ input: output })) return line;
  throw new SystemError('the program that unpacks contexts ended');
}
