import { closeSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { HomeLockedError, startDaemon, type Daemon, type DaemonOptions } from '../daemon.ts';
import { createLogger } from '../logger.ts';
import { trimLog } from '../process/bounded-log.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';
import { readyFd, type ReadyMessage } from './daemon-process.ts';

const logMaxBytes = 8 * 1024 * 1024;
const logTrimIntervalMs = 60_000;

/** `berth daemon`: the background process itself, which `berth up` starts. */
export function daemonCommand(context: CliContext): Command {
  return new Command('daemon')
    .description('serve in the foreground (`berth up` does this in the background)')
    .addOption(homeOption())
    .action((options: HomeOption) => serve(context, options));
}

async function serve(context: CliContext, options: HomeOption): Promise<void> {
  const paths = contextPaths(context, options);
  const log = createLogger(context.environment.logLevel);
  const ended = endAsked();
  const daemon = await open({ paths, environment: context.environment, log });
  if (!daemon) return;
  const trimming = setInterval(
    () => void trimLog(paths.daemonLog, logMaxBytes).catch(() => undefined),
    logTrimIntervalMs,
  );
  say({ kind: 'ready' });
  try {
    const why = await Promise.race([ended, daemon.shutdownAsked.then(() => 'asked by a client')]);
    log.info({ why }, 'the daemon ends');
  } finally {
    clearInterval(trimming);
    await daemon[Symbol.asyncDispose]();
  }
  // A file read or a name lookup under way must not keep a daemon alive that has let go of everything.
  process.exit();
}

async function open(options: DaemonOptions): Promise<Daemon | null> {
  try {
    return await startDaemon(options);
  } catch (error) {
    const problem = (error as Error).message;
    if (!say(error instanceof HomeLockedError ? { kind: 'locked' } : { kind: 'failed', problem })) throw error;
    process.exitCode = 1;
    return null;
  }
}

function endAsked(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
  });
}

/** Tells the one who started this process; false when there is nobody to tell. */
function say(message: ReadyMessage): boolean {
  try {
    writeSync(readyFd, JSON.stringify(message));
    closeSync(readyFd);
    return true;
  } catch {
    return false;
  }
}
