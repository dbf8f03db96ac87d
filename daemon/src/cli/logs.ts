import { Command } from 'commander';
import { followLogs } from '../logs/follow-logs.ts';
import { parseCount } from './arguments.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';

interface LogsOptions extends HomeOption {
  follow?: boolean;
  tail: number;
}

/** `berth logs`: reads the files itself, so that it works when nothing else does. */
export function logsCommand(context: CliContext): Command {
  return new Command('logs')
    .description("the daemon's and the machine's logs")
    .option('-f, --follow', 'go on as lines are added')
    .option('-n, --tail <lines>', 'lines of each log to begin with', parseCount, 200)
    .addOption(homeOption())
    .action((options: LogsOptions) => logs(context, options));
}

async function logs(context: CliContext, options: LogsOptions): Promise<void> {
  const { tail, follow = false } = options;
  for await (const { source, lines } of followLogs(contextPaths(context, options), { tail, follow })) {
    for (const line of lines) context.stdout.write(`${source.padEnd(10)} | ${line}\n`);
  }
}
