import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { EngineError, InvalidParameterError, SystemError } from '../../api/index.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { JsonFileWriter } from './json-file-writer.ts';
import { logInfo } from './log-info.ts';
import { cacheSettings, fileSettings, type FileSettings } from './log-settings.ts';
import type { LogWriter } from './log-writer.ts';
import { openRemoteLog } from './remote/open-remote-log.ts';

export interface OpenLogOptions {
  /** A server that cannot be reached fails; without it, it is tried again with the first line. */
  connect: boolean;
}

/** The log that a container's output goes to; null for the driver `none`. Errors are those of dockerd's start. */
export async function openLog(
  deps: ContainerDependencies,
  container: Container,
  options: OpenLogOptions,
): Promise<LogWriter | null> {
  try {
    return await open(deps, container, options);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const text = `failed to create task for container: failed to initialize logging driver: ${error.message}`;
    const ErrorClass = error instanceof InvalidParameterError ? InvalidParameterError : SystemError;
    throw new ErrorClass(text, { cause: error });
  }
}

async function open(
  deps: ContainerDependencies,
  container: Container,
  { connect }: OpenLogOptions,
): Promise<LogWriter | null> {
  const { Type: driver } = container.record.hostConfig.LogConfig;
  if (driver === 'none') return null;
  const info = logInfo(container.record, deps.settings.hostname);
  if (driver === 'json-file' || driver === 'local') {
    return openFile(deps, container, fileSettings(driver, info));
  }
  const settings = cacheSettings(info.options);
  return await openRemoteLog(driver, info, {
    openCache: () => settings && openFile(deps, container, settings),
    connect,
    clock: deps.clock,
    onError: (error) => warn(deps, container, error),
  });
}

function openFile(deps: ContainerDependencies, container: Container, settings: FileSettings): LogWriter {
  const file = logPath(container) as string;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return new JsonFileWriter({
    path: file,
    clock: deps.clock,
    settings,
    onError: (error) => warn(deps, container, error),
  });
}

function warn(deps: ContainerDependencies, container: Container, error: Error): void {
  deps.log.warn({ err: error, container: container.id }, 'log lines are lost');
}

/**
 * What `docker logs` reads; null where nothing is kept. The driver `local` and the cache have Docker's places; what is
 * in them is the same JSON, which Docker leaves open.
 */
export function logPath({ record, paths }: Container): string | null {
  const { Type: driver, Config: options } = record.hostConfig.LogConfig;
  if (driver === 'none') return null;
  if (driver === 'json-file') return paths.log;
  if (driver === 'local') return path.join(paths.dir, 'local-logs', 'container.log');
  return cacheSettings(options ?? {}) && path.join(paths.dir, 'container-cached.log');
}
