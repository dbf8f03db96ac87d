import { Command } from 'commander';
import { ExitError, type CliContext } from './context.ts';
import { contextCommand } from './docker-context.ts';
import { daemonCommand } from './daemon.ts';
import { dashboardCommand } from './dashboard.ts';
import { deleteCommand } from './delete.ts';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { loginItemCommand } from './login-item.ts';
import { logsCommand } from './logs.ts';
import { shellCommand } from './shell.ts';
import { statusCommand } from './status.ts';
import { upCommand } from './up.ts';

/** Runs the command line; returns the exit code. Everything that went wrong has been said on stderr, in one line. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const program = new Command('berth')
    .description('Docker Engine API in a microVM of its own')
    .addCommand(upCommand(context))
    .addCommand(downCommand(context))
    .addCommand(deleteCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(logsCommand(context))
    .addCommand(shellCommand(context))
    .addCommand(contextCommand(context))
    .addCommand(loginItemCommand(context))
    .addCommand(doctorCommand(context))
    .addCommand(dashboardCommand(context))
    .addCommand(daemonCommand(context), { hidden: true });
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof ExitError) return error.code;
    context.stderr.write(`berth: ${(error as Error).message}\n`);
    return 1;
  }
}
