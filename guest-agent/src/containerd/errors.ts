import { status, type ServiceError } from '@grpc/grpc-js';
import {
  ConflictError,
  ForbiddenError,
  InvalidParameterError,
  NotFoundError,
  NotImplementedError,
  SystemError,
  UnauthorizedError,
  UnavailableError,
  type EngineError,
} from '../api/errors.ts';

/** The key or digest is taken: often the answer hoped for, hence a class of its own. */
export class AlreadyExistsError extends ConflictError {}
/** The object is in the wrong state for the call (task still running, snapshot in use…). */
export class FailedPreconditionError extends ConflictError {}
/** An offset or size that does not match what containerd holds. */
export class OutOfRangeError extends InvalidParameterError {}

type ErrorClass = new (message: string, options?: ErrorOptions) => EngineError;

const classes: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [status.NOT_FOUND, NotFoundError],
  [status.ALREADY_EXISTS, AlreadyExistsError],
  [status.FAILED_PRECONDITION, FailedPreconditionError],
  [status.ABORTED, ConflictError],
  [status.INVALID_ARGUMENT, InvalidParameterError],
  [status.OUT_OF_RANGE, OutOfRangeError],
  [status.UNAUTHENTICATED, UnauthorizedError],
  [status.PERMISSION_DENIED, ForbiddenError],
  [status.UNAVAILABLE, UnavailableError],
  [status.UNIMPLEMENTED, NotImplementedError],
]);

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;

/**
 * The one translation of gRPC failures. A call that its caller aborted fails with the signal's reason;
 * anything that is not a gRPC status passes unchanged.
 */
export function toEngineError(error: unknown, signal?: AbortSignal): unknown {
  if (!isServiceError(error)) return error;
  if (error.code === status.CANCELLED && signal?.aborted) return signal.reason;
  const ErrorClass = classes.get(error.code) ?? SystemError;
  return new ErrorClass(error.details, { cause: error });
}
