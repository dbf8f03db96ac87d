import { Command } from 'commander';
import type { Paths } from '../config/paths.ts';
import { contextName, dockerConfigDir } from '../docker-context/context-store.ts';
import { writeCurrentContext } from '../docker-context/current-context.ts';
import { ensureContext, type EnsuredContext } from '../docker-context/ensure-context.ts';
import { overrideNote } from '../docker-context/override.ts';
import { removeContext } from '../docker-context/remove-context.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';

const foreign = `the docker context '${contextName}' is not berth's (\`docker context inspect ${contextName}\`), so it was left alone`;

/** `berth context`: the stock CLI's way of choosing an engine. */
export function contextCommand(context: CliContext): Command {
  const use = new Command('use')
    .description(`make docker use this engine: makes the context '${contextName}' and chooses it`)
    .addOption(homeOption())
    .action((options: HomeOption) => useContext(context, options));
  const remove = new Command('remove')
    .description(`remove the docker context '${contextName}' that \`berth up\` made`)
    .action(() => removeOwn(context));
  return new Command('context').description("berth's docker context").addCommand(use).addCommand(remove);
}

async function useContext(context: CliContext, options: HomeOption): Promise<void> {
  const paths = contextPaths(context, options);
  const configDir = dockerConfigDir(context.environment.dockerConfig);
  if ((await ensureContext(configDir, paths)) === 'foreign') throw new Error(foreign);
  await writeCurrentContext(configDir, contextName);
  const override = overrideNote(context.environment, paths.dockerHost);
  if (override) note(context, override);
}

async function removeOwn(context: CliContext): Promise<void> {
  const removed = await removeContext(dockerConfigDir(context.environment.dockerConfig));
  if (removed === 'foreign') throw new Error(foreign);
  if (removed === 'absent') note(context, `there is no docker context '${contextName}'`);
}

/** After a start: docker's context leads to this engine, or a note says why it does not. Never fails. */
export async function offerContext(context: CliContext, paths: Paths): Promise<void> {
  const { environment } = context;
  try {
    const ensured = await ensureContext(dockerConfigDir(environment.dockerConfig), paths);
    for (const line of [noteOf(ensured), overrideNote(environment, paths.dockerHost)]) if (line) note(context, line);
  } catch (error) {
    note(context, `no docker context: ${(error as Error).message}`);
  }
}

function noteOf(ensured: EnsuredContext): string | null {
  if (ensured === 'foreign') return foreign;
  return ensured === 'made' ? `\`docker context use ${contextName}\` makes docker use this engine from now on` : null;
}

function note({ stderr }: CliContext, text: string): void {
  stderr.write(`berth: ${text}\n`);
}
