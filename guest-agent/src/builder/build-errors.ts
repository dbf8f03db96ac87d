import { InvalidParameterError, SystemError, type EngineError } from '../api/errors.ts';

/** A build that failed at what the Dockerfile asks for: the client reads it in the stream. */
export class BuildFailedError extends SystemError {
  /** Exit code of the command that failed, null where none did. */
  readonly code: number | null;

  constructor(message: string, options: { code: number | null; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}

/** What is wrong with the Dockerfile itself is found before anything is built. */
const badRequests: readonly RegExp[] = [
  /^dockerfile parse error on line \d+: /,
  /^target stage ".*" could not be found$/,
  /^no build stage in current context$/,
];

/** The Dockerfile could not even be read as one. */
const unreadable: readonly RegExp[] = [
  /^file with no instructions$/,
  /^[A-Z]+ must have two arguments$/,
  /^unterminated heredoc$/,
];

/**
 * BuildKit's error as the classic builder of dockerd words it. `copy`: the instruction that failed, where that is known.
 */
export function buildError(given: string, copy = 'COPY'): EngineError {
  const message = reworded(given);
  if (badRequests.some((pattern) => pattern.test(message))) return new InvalidParameterError(message);
  if (unreadable.some((pattern) => pattern.test(message))) {
    return new InvalidParameterError(`failed to parse Dockerfile: ${message}`);
  }
  if (message === 'the Dockerfile cannot be empty') {
    return new InvalidParameterError('the Dockerfile (Dockerfile) cannot be empty');
  }
  const known = dockerfileError(message) ?? commandError(message) ?? copyError(message, copy);
  return known ?? new BuildFailedError(message, { code: null });
}

function reworded(message: string): string {
  return message
    .replace(/^(target stage ".*" could not be found) \(did you mean .*\)$/, '$1')
    .replace(/^failed to parse stage name ".*?": /, '')
    .replace(/^invalid containerPort: /, 'Invalid containerPort: ')
    .replace(/^invalid stage index (\d+)$/, 'invalid from flag value $1: index out of bounds');
}

function dockerfileError(message: string): SystemError | undefined {
  const match = /^failed to read dockerfile: (?:open|failed to .*) ([^ ]+): no such file or directory$/.exec(message);
  return match?.[1] === undefined ? undefined : new SystemError(`Cannot locate specified Dockerfile: ${match[1]}`);
}

function commandError(message: string): BuildFailedError | undefined {
  const [, command, why] = /^process (".*") did not complete successfully: (.*)$/s.exec(message) ?? [];
  if (command === undefined || why === undefined) return undefined;
  const code = /^exit code: (\d+)/.exec(why)?.[1];
  if (code === undefined) return new BuildFailedError(neverRan(why), { code: null });
  const text = `The command '${unquoted(command)}' returned a non-zero code: ${code}`;
  return new BuildFailedError(text, { code: Number(code) });
}

/** What the engine's own plugin says of the network that a step was to be in. */
const noNetwork = /^CNI setup error: plugin type="step-network" name="[^"]*" failed \(add\): /;

/** containerd's words stand around the runtime's. */
function neverRan(why: string): string {
  if (noNetwork.test(why)) return why.replace(noNetwork, '');
  if (!why.startsWith('failed to create shim task: ')) return why;
  return `failed to create task for container: ${why.replace(/: unknown$/, '')}`;
}

function copyError(message: string, instruction: string): BuildFailedError | undefined {
  const match = /failed to calculate checksum of ref [^"]*: "\/?(.*)": not found$/.exec(message);
  if (match?.[1] === undefined) return undefined;
  const text = `${instruction} failed: file not found in build context or excluded by .dockerignore: stat ${match[1]}: file does not exist`;
  return new BuildFailedError(text, { code: null });
}

/** Go's quoting is JSON's but for rare control characters. */
function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
