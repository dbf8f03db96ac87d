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

/** BuildKit's error as dockerd's. */
export function buildError(message: string): EngineError {
  if (badRequests.some((pattern) => pattern.test(message))) return new InvalidParameterError(message);
  if (message === 'file with no instructions') {
    return new InvalidParameterError(`failed to parse Dockerfile: ${message}`);
  }
  if (message === 'the Dockerfile cannot be empty') {
    return new InvalidParameterError('the Dockerfile (Dockerfile) cannot be empty');
  }
  const known = dockerfileError(message) ?? commandError(message) ?? copyError(message);
  return known ?? new BuildFailedError(message, { code: null });
}

function dockerfileError(message: string): SystemError | undefined {
  const match = /^failed to read dockerfile: (?:open|failed to .*) ([^ ]+): no such file or directory$/.exec(message);
  return match?.[1] === undefined ? undefined : new SystemError(`Cannot locate specified Dockerfile: ${match[1]}`);
}

function commandError(message: string): BuildFailedError | undefined {
  const match = /^process (".*") did not complete successfully: exit code: (\d+)/s.exec(message);
  if (!match?.[1] || !match[2]) return undefined;
  const text = `The command '${unquoted(match[1])}' returned a non-zero code: ${match[2]}`;
  return new BuildFailedError(text, { code: Number(match[2]) });
}

/** The instruction is not told apart from ADD. */
function copyError(message: string): BuildFailedError | undefined {
  const match = /failed to calculate checksum of ref [^"]*: "\/?(.*)": not found$/.exec(message);
  if (match?.[1] === undefined) return undefined;
  const text = `COPY failed: file not found in build context or excluded by .dockerignore: stat ${match[1]}: file does not exist`;
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
