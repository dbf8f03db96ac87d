import { Command } from 'commander';
import { StartFailedError, type ControlClient } from '../api/control-client.ts';
import type { MachineStatus, StartRequest } from '../api/status.ts';
import { planMachine } from '../plan.ts';
import { readSettingsFile, settingsSchema } from '../config/settings-file.ts';
import { dockerIntegration } from '../config/docker-places.ts';
import { describeIssue } from '../config/config-error.ts';
import { makeHome, type Paths } from '../config/paths.ts';
import { parseCount, parseSize } from './arguments.ts';
import { contextPaths, ExitError, homeOption, type CliContext, type HomeOption } from './context.ts';
import { offerContext } from './docker-context.ts';
import { ensureDaemon } from './daemon-process.ts';
import { exportLine } from './export-line.ts';
import { Progress } from './progress.ts';

interface UpOptions extends HomeOption {
  driver?: string;
  cpus?: number;
  memory?: number;
  disk?: number;
  arch?: string;
  context?: boolean;
}

const tailIndent = '  | ';

/** `berth up`: the machine runs and the engine answers, or the exit code is 1 and stderr says why. */
export function upCommand(context: CliContext): Command {
  return new Command('up')
    .description('start the machine; prints the line that makes docker use it: eval "$(berth up)"')
    .option('--driver <name>', 'auto, qemu, linux or wsl2 (auto: the first that this host can use)')
    .option('--cpus <n>', 'virtual CPUs', parseCount)
    .option('--memory <size>', 'memory, e.g. 4GiB (a bare number: MiB)', memoryMiB)
    .option('--disk <size>', 'size of the data disk, e.g. 64GiB (a bare number: GiB)', diskGiB)
    .option('--arch <name>', "the machine's processor, amd64 or arm64 (the host's runs fast, another is emulated)")
    .option('--context', "keep docker's context 'berth' pointed here (the default, but for another home)")
    .option('--no-context', "leave docker's contexts alone")
    .addOption(homeOption())
    .action((options: UpOptions) => up(context, options));
}

async function up(context: CliContext, options: UpOptions): Promise<void> {
  const paths = contextPaths(context, options);
  const request = requestOf(options);
  await makeHome(paths);
  await planMachine(paths, request, context.environment);
  const { client, started } = await ensureDaemon(paths);
  const status = await start({ context, paths, client, request, started });
  for (const warning of status.warnings) context.stderr.write(`berth: warning: ${warning}\n`);
  if (await wantsContext(paths, options)) await offerContext(context, paths);
  const shell = { platform: process.platform, shell: context.environment.shell };
  context.stdout.write(`${exportLine('DOCKER_HOST', status.dockerHost, shell)}\n`);
}

/** A second instance takes the user's context only when it is told to. */
async function wantsContext(paths: Paths, { context }: UpOptions): Promise<boolean> {
  return context ?? dockerIntegration(paths, await readSettingsFile(paths.settings)).context;
}

interface Starting {
  context: CliContext;
  paths: Paths;
  client: ControlClient;
  request: StartRequest;
  /** This command started the daemon, so it ends it when nothing came of it. */
  started: boolean;
}

async function start({ context, client, request, started }: Starting): Promise<MachineStatus> {
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort();
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  using progress = new Progress(context.stderr);
  try {
    return await client.start(request, { signal: interrupted.signal, onPhase: (phase) => progress.show(phase) });
  } catch (error) {
    progress[Symbol.dispose]();
    if (started) await client.shutdown();
    if (interrupted.signal.aborted) {
      context.stderr.write('berth: interrupted, the machine is not started\n');
      throw new ExitError(130);
    }
    if (error instanceof StartFailedError) showTail(context, error);
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

function showTail({ stderr }: CliContext, { consoleTail }: StartFailedError): void {
  if (consoleTail === '') return;
  stderr.write(`the machine printed last:\n${consoleTail.replace(/^/gm, tailIndent)}\n`);
}

function requestOf({ driver, cpus, memory, disk, arch }: UpOptions): StartRequest {
  const request = { driver, cpus, memoryMiB: memory, diskGiB: disk, architecture: arch };
  const result = settingsSchema.safeParse(request);
  if (result.success) return result.data;
  throw describeIssue('berth up', result.error, request);
}

function memoryMiB(text: string): number {
  return parseSize(text, 'MiB');
}

function diskGiB(text: string): number {
  return parseSize(text, 'GiB');
}
