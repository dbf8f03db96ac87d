import { randomBytes } from 'node:crypto';
import type { ExecCreateRequest } from '../api/engine/requests.ts';
import { ConflictError, InvalidParameterError, SystemError } from '../api/index.ts';
import { resolveUser } from '../containers/oci-spec/user.ts';
import { readAccounts } from '../containers/start-steps/read-accounts.ts';
import { containerEvent } from '../containers/container-events.ts';
import type { Container } from '../containers/container.ts';
import { parseDetachKeys } from '../containers/stdio/detach-keys.ts';
import type { ExecDependencies } from './dependencies.ts';
import { endWithContainer } from './end-with-container.ts';
import type { Exec } from './exec.ts';

/** `reference` is the user's name for the container, as the texts have it. */
export function refuseExec(container: Container, reference = container.id): void {
  const { phase } = container.state;
  if (phase === 'paused')
    throw new ConflictError(`Container ${reference} is paused, unpause the container before exec`);
  if (phase === 'restarting')
    throw new ConflictError(`Container ${reference} is restarting, wait until the container is running`);
  if (phase !== 'running') throw new ConflictError(`container ${container.id} is not running`);
}

function refuseDetachKeys(keys: string): void {
  try {
    parseDetachKeys(keys);
  } catch (error) {
    throw new SystemError(`Invalid escape keys (${keys}) provided`, { cause: error });
  }
}

/** An unknown user is refused now, where the client still hears of it as an error; it is looked up again at start. */
async function refuseUser(deps: ExecDependencies, container: Container, user: string): Promise<void> {
  if (user === '') return;
  const accounts = await readAccounts(await deps.rootfs.mounts(container.id));
  try {
    resolveUser(user, [], accounts);
  } catch (error) {
    throw new InvalidParameterError((error as Error).message, { cause: error });
  }
}

export async function createExec(
  deps: ExecDependencies,
  { container, reference }: { container: Container; reference: string },
  config: ExecCreateRequest,
): Promise<Exec> {
  refuseExec(container, reference);
  await refuseUser(deps, container, config.User);
  refuseDetachKeys(config.DetachKeys);
  const exec: Exec = {
    id: randomBytes(32).toString('hex'),
    container,
    config,
    phase: 'created',
    pid: 0,
    exitCode: null,
    streams: null,
    ...exitGate(),
  };
  deps.execs.add(exec);
  endWithContainer(deps, exec);
  deps.events.publish(execEvent(exec, 'exec_create'));
  return exec;
}

function exitGate(): Pick<Exec, 'exited' | 'markExited'> {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { exited: promise, markExited: resolve };
}

/** Docker puts the command line into the action's name. */
export function execEvent(exec: Exec, action: 'exec_create' | 'exec_start' | 'exec_die' | 'exec_detach') {
  const [entrypoint = '', ...args] = exec.config.Cmd ?? [];
  const withCommand = action === 'exec_create' || action === 'exec_start';
  const extra: Record<string, string> = action === 'exec_die' ? { exitCode: String(exec.exitCode ?? 0) } : {};
  const name = withCommand ? `${action}: ${entrypoint} ${args.join(' ')}` : action;
  return containerEvent(exec.container, name, { execID: exec.id, ...extra });
}
