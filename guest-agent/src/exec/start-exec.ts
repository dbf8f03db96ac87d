import type { Duplex } from 'node:stream';
import { ConflictError, EngineError, InvalidParameterError, SystemError } from '../api/index.ts';
import { FailedPreconditionError } from '../containerd/errors.ts';
import { ensureProfile } from '../containers/apparmor/apparmor.ts';
import { hasTask } from '../containers/container-state.ts';
import { defaultDetachKeys } from '../containers/attach.ts';
import { runtimeText } from '../containers/start-steps/start-error.ts';
import { linkEnvironment } from '../containers/links/link-environment.ts';
import type { OciUser } from '../containers/oci-spec/oci.ts';
import { resolveUser } from '../containers/oci-spec/user.ts';
import { readAccounts } from '../containers/start-steps/read-accounts.ts';
import { ignoreMissing } from '../containers/release-task.ts';
import { connectInput, finishInput } from '../containers/stdio/connect-input.ts';
import { parseDetachKeys } from '../containers/stdio/detach-keys.ts';
import { ProcessStreams } from '../containers/stdio/process-streams.ts';
import { streamSink } from '../containers/stdio/stream-sink.ts';
import { execEvent, refuseExec } from './create-exec.ts';
import type { ExecDependencies } from './dependencies.ts';
import type { Exec } from './exec.ts';
import { execProcess } from './exec-process.ts';

export interface TerminalChoice {
  tty: boolean;
  consoleSize: readonly number[] | null;
}

/** Claims the exec for this start: it runs once. */
export function claimExec(exec: Exec): void {
  if (exec.phase === 'running') throw new ConflictError(`exec command ${exec.id} is already running`);
  if (exec.phase === 'exited') throw new ConflictError(`exec command ${exec.id} has already run`);
  refuseExec(exec.container);
}

/** Starts it without anybody watching. */
export async function startDetached(deps: ExecDependencies, exec: Exec, choice: TerminalChoice): Promise<void> {
  claimExec(exec);
  const streams = await launchExec(deps, exec, { choice });
  finishInput({ streams, closeStdin: () => closeStdin(deps, exec) });
}

/** Starts it with its streams on the client's connection, which it ends when the process has ended; a failure leaves it open. */
export async function startAttached(
  deps: ExecDependencies,
  exec: Exec,
  { choice, socket, framed }: { choice: TerminalChoice; socket: Duplex; framed: boolean },
): Promise<void> {
  socket.on('error', () => socket.destroy());
  const { config } = exec;
  let unsubscribe = () => undefined as unknown;
  try {
    claimExec(exec);
    const sinkOptions = { framed, stdout: config.AttachStdout, stderr: config.AttachStderr };
    const streams = await launchExec(deps, exec, {
      choice,
      onStreams: (opened) => (unsubscribe = opened.output.subscribe(streamSink(socket, sinkOptions))),
    });
    // The stream's end tells the client that it may ask for the exit code.
    const over = Promise.all([streams.ended, exec.exited]);
    const gone = new Promise<void>((resolve) => socket.once('close', resolve));
    const detachKeys = choice.tty ? (parseDetachKeys(config.DetachKeys) ?? defaultDetachKeys) : null;
    if (!config.AttachStdin) socket.resume();
    const input = config.AttachStdin
      ? connectInput({ socket, streams, detachKeys, closeOnEnd: true, closeStdin: () => closeStdin(deps, exec) })
      : new Promise<boolean>(() => undefined);
    const detached = await Promise.race([over.then(() => false), gone.then(() => false), input]);
    if (detached) deps.events.publish(execEvent(exec, 'exec_detach'));
  } finally {
    unsubscribe();
  }
  socket.end();
}

const closeStdin = (deps: ExecDependencies, exec: Exec) =>
  deps.tasks.closeStdin({ containerId: exec.container.id, execId: exec.id });

/** Creates and starts the process; `onStreams` is called before it has written anything. */
export async function launchExec(
  deps: ExecDependencies,
  exec: Exec,
  { choice, onStreams }: { choice: TerminalChoice; onStreams?: (streams: ProcessStreams) => void },
): Promise<ProcessStreams> {
  const { config, container, id: execId } = exec;
  exec.phase = 'running';
  deps.events.publish(execEvent(exec, 'exec_start'));
  const ref = { containerId: container.id, execId };
  await using undo = new AsyncDisposableStack();
  try {
    const process = execProcess({
      ...{ exec, choice, host: deps.specHost },
      user: await userOf(deps, exec),
      linked: linkEnvironment(deps, container),
      defaultUlimits: deps.settings.defaultUlimits,
    });
    const streams = undo.use(
      await ProcessStreams.create(
        {
          dir: container.paths.runDir,
          prefix: execId,
          terminal: choice.tty,
          stdin: config.AttachStdin,
          // containerd's shim wants both; what nobody attached is dropped here.
          stdout: true,
          stderr: true,
        },
        deps.fifos,
      ),
    );
    exec.streams = streams;
    await ensureProfile(process.apparmorProfile);
    await deps.fault?.('exec:after-streams', container.id);
    await container.freezing.shared(async () => {
      refuseExec(container);
      await deps.tasks.exec({ ...streams.io, ...ref, process });
      undo.defer(() => deleteFailed(deps, ref));
      await deps.fault?.('exec:after-create', container.id);
      onStreams?.(streams);
      exec.pid = await deps.tasks.start(ref);
    });
    undo.move();
    await deps.fault?.('exec:after-start', container.id);
    return streams;
  } catch (error) {
    const failure = hasTask(container.state) ? translateExecError(error) : endedBefore(exec, error);
    exec.phase = 'exited';
    exec.exitCode = failure.exitCode;
    exec.markExited();
    deps.execs.forgetLater(exec);
    throw failure.error;
  }
}

/** The exec's own choice, or the container's user. */
async function userOf(deps: ExecDependencies, { config, container }: Exec): Promise<OciUser> {
  const { record } = container;
  if (config.User === '' && container.user) return container.user;
  const accounts = await readAccounts(await deps.rootfs.mounts(container.id));
  return resolveUser(config.User || record.config.User, record.hostConfig.GroupAdd ?? [], accounts);
}

/** The container has ended under the exec: whatever the runtime says of it, that is why. */
function endedBefore({ container }: Exec, cause: unknown): { exitCode: number; error: Error } {
  return { exitCode: 128, error: new ConflictError(`container ${container.id} is not running`, { cause }) };
}

/** Without hiding why it failed. */
async function deleteFailed(deps: ExecDependencies, ref: { containerId: string; execId: string }): Promise<void> {
  await ignoreMissing(deps.tasks.delete(ref)).catch((error: unknown) => {
    deps.log.warn({ err: error, exec: ref.execId }, 'a failed exec was not deleted');
  });
}

/** runc's text decides, as for a container's start: 127 when there is no such program, 126 when it cannot be run. */
function translateExecError(error: unknown): { exitCode: number; error: Error } {
  const text = runtimeText(error);
  if (!text.includes('OCI runtime exec failed')) {
    // What containerd finds in no state for it is the runtime's word, too (an init process that has just ended).
    const isTheirs = error instanceof SystemError || error instanceof FailedPreconditionError;
    const isOurs = error instanceof EngineError && !isTheirs;
    return { exitCode: 128, error: isOurs ? error : new SystemError(text, { cause: error }) };
  }
  const isMissing = /executable file not found|no such file or directory/i.test(text);
  const isRefused = /permission denied|exec format error|is a directory/i.test(text);
  const exitCode = isMissing ? 127 : 126;
  return {
    exitCode,
    error:
      isMissing || isRefused
        ? new InvalidParameterError(text, { cause: error })
        : new SystemError(text, { cause: error }),
  };
}
