import { EngineError, NotFoundError } from '../api/errors.ts';
import { validateName, validateOptions } from './validate.ts';
import type { VolumeStore } from './volume-store.ts';
import { anonymousLabel, localDriver } from './volume.ts';

export interface CreateVolume {
  /** '' for an anonymous volume. */
  name: string;
  /** '' for the local driver, the only one. */
  driver: string;
  /** null where none were given. */
  options: Record<string, string> | null;
  labels: Record<string, string> | null;
}

/** An existing volume is answered as it is, whatever else was asked for, as Docker does. */
export async function createVolume(
  store: VolumeStore,
  request: CreateVolume,
  newName: () => string,
): Promise<{ name: string; isNew: boolean }> {
  const name = request.name || newName();
  try {
    if (request.driver !== '' && request.driver !== localDriver) throw unknownDriver(request.driver);
    if (store.get(name)) return { name, isNew: false };
    validateName(name);
    validateOptions(request.options ?? {});
    const labels = request.name ? request.labels : { ...request.labels, [anonymousLabel]: '' };
    await store.add({ name, createdMs: Date.now(), labels, options: request.options });
    return { name, isNew: true };
  } catch (error) {
    throw named(error, name);
  }
}

const unknownDriver = (driver: string): NotFoundError =>
  new NotFoundError(`error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`);

/** The same failure, with the operation and the name in front. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof EngineError)) return error;
  const Same = error.constructor as new (message: string, options: ErrorOptions) => EngineError;
  return new Same(`create ${name}: ${error.message}`, { cause: error });
}
