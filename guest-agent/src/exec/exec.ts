import type { ExecCreateRequest } from '../api/engine/requests.ts';
import type { Container } from '../containers/container.ts';
import { parseDetachKeys } from '../containers/stdio/detach-keys.ts';
import type { ProcessStreams } from '../containers/stdio/process-streams.ts';

/**
 *   created ──start──► running ──exit──► exited
 *      └──── start failed ───────────────►┘
 */
export type ExecPhase = 'created' | 'running' | 'exited';

/** A further process in a running container. It does not outlive the agent's memory: Docker forgets them, too. */
export interface Exec {
  readonly id: string;
  readonly container: Container;
  readonly config: ExecCreateRequest;
  phase: ExecPhase;
  /** 0 until it has run. */
  pid: number;
  /** null until it has ended. */
  exitCode: number | null;
  streams: ProcessStreams | null;
  /** Settles once the exit code is known. */
  readonly exited: Promise<void>;
  readonly markExited: () => void;
}

/** ExecInspect of the Engine API. */
export function execView(exec: Exec): object {
  const { config } = exec;
  const [entrypoint = '', ...args] = config.Cmd ?? [];
  return {
    ID: exec.id,
    Running: exec.phase === 'running',
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: config.Tty,
      entrypoint,
      arguments: args,
      privileged: config.Privileged,
      ...(config.User !== '' && { user: config.User }),
    },
    OpenStdin: config.AttachStdin,
    OpenStderr: config.AttachStderr,
    OpenStdout: config.AttachStdout,
    CanRemove: false,
    ContainerID: exec.container.id,
    DetachKeys: (parseDetachKeys(config.DetachKeys) ?? Buffer.alloc(0)).toString('base64'),
    Pid: exec.pid,
  };
}
