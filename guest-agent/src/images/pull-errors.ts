import { NotFoundError, SystemError } from '../api/errors.ts';
import { familiarName, fullString, type NamedReference } from './reference.ts';
import { Schema1Error } from './registry/client.ts';
import {
  AccessDeniedError,
  NoCredentialsError,
  RegistryConnectionError,
  RegistryNotFoundError,
  UnexpectedStatusError,
} from './registry/registry-errors.ts';

/** What the registry said, in the words in which Docker passes it on. */
export function explainPullError(error: unknown, reference: NamedReference): unknown {
  const cannotResolve = `failed to resolve reference ${JSON.stringify(fullString(reference))}`;
  if (error instanceof RegistryNotFoundError) {
    return new NotFoundError(`${cannotResolve}: ${fullString(reference)}: not found`, { cause: error });
  }
  if (error instanceof RegistryConnectionError)
    return new SystemError(`${cannotResolve}: ${error.message}`, { cause: error });
  if (error instanceof UnexpectedStatusError) {
    return new SystemError(`unknown: ${cannotResolve}: ${error.message}`, { cause: error });
  }
  if (error instanceof NoCredentialsError) {
    const denied = 'pull access denied, repository does not exist or may require authorization: authorization failed';
    return new SystemError(`${cannotResolve}: ${denied}: ${error.message}`, { cause: error });
  }
  if (error instanceof AccessDeniedError) {
    return new NotFoundError(
      `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'`,
      { cause: error },
    );
  }
  if (error instanceof Schema1Error) return schema1(reference, error);
  return error;
}

/** Of a repository all of whose tags were wanted. */
export function explainTagsError(error: unknown, reference: NamedReference): unknown {
  if (!(error instanceof RegistryNotFoundError)) return error;
  const said = error.said === undefined ? '' : `: ${error.said}`;
  return new NotFoundError(`repository ${familiarName(reference)} not found${said}`, { cause: error });
}

function schema1(reference: NamedReference, cause: Error): SystemError {
  return new SystemError(
    `Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of ${fullString(reference)} to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More information at https://docs.docker.com/go/deprecated-image-specs/`,
    { cause },
  );
}
