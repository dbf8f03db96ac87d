import { EngineError, ForbiddenError, InvalidParameterError, NotFoundError, SystemError } from '../../api/index.ts';
import { errorText } from '../../errno-text.ts';

export interface StartFailure {
  /** As Docker records it: 127 command not found, 126 not executable, 128 anything else. */
  exitCode: number;
  message: string;
  /** The start got as far as the container's log, as dockerd counts it. */
  logStarted: boolean;
  error: EngineError;
}

const commandNotFound = [
  'executable file not found',
  'no such file or directory',
  'system cannot find the file specified',
];
const notExecutable = ['permission denied', 'is a directory', 'not a directory', 'exec format error'];

/**
 * What runc says about a start that failed, in Docker's words. The one place that reads a message: runc has no codes,
 * and Docker's exit codes are defined on its text.
 */
export function translateStartError(error: unknown): StartFailure {
  if ([NetworkSetupError, NetworkMissingError, NetworkRefusedError].some((own) => error instanceof own))
    return { exitCode: 128, message: (error as EngineError).message, logStarted: true, error: error as EngineError };
  const text = runtimeText(error);
  const fromRuntime = ['OCI runtime', 'shim task', 'failed to start shim'].some((part) => text.includes(part));
  const message = fromRuntime ? `failed to create task for container: ${text}` : text;
  const exitCode = !fromRuntime
    ? 128
    : includesAny(text, commandNotFound)
      ? 127
      : includesAny(text, notExecutable)
        ? 126
        : 128;
  if (!fromRuntime && error instanceof EngineError) return { exitCode, message, logStarted: fromRuntime, error };
  const ErrorClass = exitCode === 128 ? SystemError : InvalidParameterError;
  return { exitCode, message, logStarted: fromRuntime, error: new ErrorClass(message, { cause: error }) };
}

/** What failed, without the gRPC code that containerd puts behind it. */
export function runtimeText(error: unknown): string {
  return (error instanceof Error ? errorText(error) : String(error)).replace(/: unknown$/, '');
}

const includesAny = (text: string, parts: readonly string[]): boolean =>
  parts.some((part) => text.toLowerCase().includes(part));

/** A network that the container is to join is gone. */
export class NetworkMissingError extends NotFoundError {
  constructor(cause: Error) {
    super(`failed to set up container networking: ${errorText(cause)}`, { cause });
  }
}

/** A network does not take the container. */
export class NetworkRefusedError extends ForbiddenError {
  constructor(cause: Error) {
    super(`failed to set up container networking: ${errorText(cause)}`, { cause });
  }
}

/** The network side of a start failed for any other reason. */
export class NetworkSetupError extends SystemError {
  constructor(cause: Error) {
    super(`failed to set up container networking: ${errorText(cause)}`, { cause });
  }
}
