import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { findInstallation } from '../config/installation.ts';
import type { Paths } from '../config/paths.ts';
import { platform } from '../platform/platform.ts';
import { deleteMachine } from '../vm/delete-machine.ts';
import { createDrivers } from '../vm/drivers.ts';
import { contextPaths, ExitError, homeOption, type CliContext, type HomeOption } from './context.ts';
import { end } from './down.ts';

interface DeleteOptions extends HomeOption {
  force?: boolean;
}

/** `berth delete`: as if there never had been a machine; what the user has configured stays. */
export function deleteCommand(context: CliContext): Command {
  return new Command('delete')
    .description(
      'stop the machine and delete it: its containers, images and volumes; settings.json and daemon.json stay',
    )
    .option('-f, --force', 'do not ask')
    .addOption(homeOption())
    .action((options: DeleteOptions) => deleteAll(context, options));
}

async function deleteAll(context: CliContext, options: DeleteOptions): Promise<void> {
  const paths = contextPaths(context, options);
  if (!existsSync(paths.instanceDir)) return void context.stderr.write('berth: there is no machine\n');
  if (!options.force) await ask(context, paths);
  await end(paths);
  await using lock = await platform.lockFile(paths.lock);
  if (!lock) throw new Error(`another daemon serves ${paths.home} by now: nothing was deleted`);
  await deleteMachine(createDrivers(findInstallation(context.environment)).all, paths.instanceDir);
  await rm(paths.attributesDir, { recursive: true, force: true });
  for (const log of [paths.daemonLog, `${paths.daemonLog}.1`]) await rm(log, { force: true });
}

async function ask({ stdin, stderr }: CliContext, { instanceDir }: Paths): Promise<void> {
  if (!stdin.isTTY) throw new Error('nobody is here to be asked: `berth delete --force` deletes the machine');
  const question = createInterface({ input: stdin, output: stderr });
  stderr.write(`${instanceDir} is deleted with all containers, images and volumes in it.\n`);
  const answer = await question.question('Type "delete" to go on: ').finally(() => question.close());
  if (answer.trim() === 'delete') return;
  stderr.write('berth: nothing was deleted\n');
  throw new ExitError(1);
}
