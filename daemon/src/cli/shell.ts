import { once } from 'node:events';
import { Command } from 'commander';
import type { ControlShell, TerminalSize } from '../api/control-client.ts';
import { contextPaths, ExitError, homeOption, type CliContext, type HomeOption } from './context.ts';
import { findDaemon } from './daemon-process.ts';

/** `berth shell`: ends with the shell's exit code. */
export function shellCommand(context: CliContext): Command {
  return new Command('shell')
    .description('a root shell inside the machine')
    .addOption(homeOption())
    .action((options: HomeOption) => shell(context, options));
}

async function shell(context: CliContext, options: HomeOption): Promise<void> {
  const client = await findDaemon(contextPaths(context, options));
  if (!client) throw new Error('the machine is not running: `berth up` starts it');
  const opened = await client.shell(sizeOf(context));
  await joinTerminal(context, opened);
  throw new ExitError(await opened.exitCode());
}

async function joinTerminal(context: CliContext, { stream, resize }: ControlShell): Promise<void> {
  const { stdin, stdout } = context;
  const onResize = () => void resize(sizeOf(context)).catch(() => undefined);
  stdin.setRawMode?.(true);
  stdout.on('resize', onResize);
  stream.on('error', () => stream.destroy());
  stream.pipe(stdout, { end: false });
  stdin.pipe(stream);
  try {
    await Promise.race([once(stream, 'end'), once(stream, 'close')]);
  } finally {
    stdout.off('resize', onResize);
    stdin.unpipe(stream).pause();
    stdin.setRawMode?.(false);
    stream.destroy();
  }
}

function sizeOf({ stdout }: CliContext): TerminalSize {
  return { cols: stdout.columns || 80, rows: stdout.rows || 24 };
}
