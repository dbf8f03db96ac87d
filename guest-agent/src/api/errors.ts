/**
 * One class per kind of failure. What went wrong is said here; which HTTP status it becomes is said once,
 * in {@link statusOf}. Messages are Docker's own, word for word.
 */
export class EngineError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** The thing named in the request does not exist. */
export class NotFoundError extends EngineError {}
/** The request is malformed or asks for something impossible. */
export class InvalidParameterError extends EngineError {}
/** The request is sound but clashes with the present state (name taken, container running, port in use…). */
export class ConflictError extends EngineError {}
/** Nothing to do: the object already is in the state asked for. Docker answers 304 without a body. */
export class NotModifiedError extends EngineError {}
/** No or wrong credentials for a registry. */
export class UnauthorizedError extends EngineError {}
/** Known, and refused by policy or by the kind of object. */
export class ForbiddenError extends EngineError {}
/** A service this one depends on (registry, containerd) did not answer. */
export class UnavailableError extends EngineError {}
/** Part of the API that this engine does not have yet; the message names the feature. */
export class NotImplementedError extends EngineError {}
/** The engine itself failed. */
export class SystemError extends EngineError {}

type ErrorClass = new (message: string, options?: ErrorOptions) => EngineError;

const statusTable: ReadonlyArray<readonly [ErrorClass, number]> = [
  [NotModifiedError, 304],
  [InvalidParameterError, 400],
  [UnauthorizedError, 401],
  [ForbiddenError, 403],
  [NotFoundError, 404],
  [ConflictError, 409],
  [SystemError, 500],
  [NotImplementedError, 501],
  [UnavailableError, 503],
];

/** HTTP status for an error; 500 for anything that is not an {@link EngineError}. */
export function statusOf(error: unknown): number {
  return statusTable.find(([errorClass]) => error instanceof errorClass)?.[1] ?? 500;
}
