import { Command } from 'commander';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';
import { ensureDaemon } from './daemon-process.ts';
import { openInBrowser } from './open-in-browser.ts';

interface DashboardOptions extends HomeOption {
  open: boolean;
}

/** `berth dashboard`: its link is printed on stdout in any case, since there may be no browser here. */
export function dashboardCommand(context: CliContext): Command {
  return new Command('dashboard')
    .description('open the dashboard in the browser; its link opens once, within a minute')
    .option('--no-open', 'only print the link')
    .addOption(homeOption())
    .action((options: DashboardOptions) => dashboard(context, options));
}

async function dashboard(context: CliContext, options: DashboardOptions): Promise<void> {
  const { client } = await ensureDaemon(contextPaths(context, options));
  const url = await client.openDashboard();
  context.stdout.write(`${url}\n`);
  if (options.open && !(await openInBrowser(url))) context.stderr.write('berth: no browser could be opened here\n');
}
