import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

export interface DetachedCommand {
  file: string;
  args: readonly string[];
  cwd: string;
  /** stdout and stderr are appended here. */
  logFile: string;
  /** What it reads on its standard input; left out: nothing. */
  inputFile?: string;
}

export interface DetachedProcess {
  identity: ProcessIdentity;
  /** How it ended, in words; only settles while this process lives. */
  exited: Promise<string>;
}

/** Starts a process in a session of its own, which outlives this one. Rejects when it cannot be run at all. */
export async function spawnDetached(command: DetachedCommand): Promise<DetachedProcess> {
  await using log = await open(command.logFile, 'a', 0o600);
  await using input = command.inputFile === undefined ? null : await open(command.inputFile);
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    detached: true,
    windowsHide: true,
    stdio: [input?.fd ?? 'ignore', log.fd, log.fd],
  });
  const exited = once(child, 'exit').then(([code, signal]: (number | string | null)[]) =>
    signal ? `killed by ${signal}` : `exit code ${code}`,
  );
  exited.catch(() => undefined);
  await once(child, 'spawn');
  child.unref();
  const identity = child.pid === undefined ? null : await identifyProcess(child.pid);
  if (!identity) throw new Error(`${command.file} ended at once (${await exited}), see ${command.logFile}`);
  return { identity, exited };
}
