import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { JsonFileWriter, type LogWriter } from './json-file-writer.ts';
import { logSettings } from './log-settings.ts';

/** The log that a container's output goes to; null for the driver `none`. */
export function openLog(deps: ContainerDependencies, container: Container): LogWriter | null {
  const settings = logSettings(container.record, deps.settings.hostname);
  if (!settings) return null;
  const file = logPath(container);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return new JsonFileWriter({
    path: file,
    clock: deps.clock,
    settings,
    onError: (error) => deps.log.warn({ err: error, container: container.id }, 'log cannot be written'),
  });
}

/** The driver `local` has Docker's place; what is in it is the same JSON, which Docker leaves open. */
export function logPath({ record, paths }: Container): string {
  return record.hostConfig.LogConfig.Type === 'local' ? path.join(paths.dir, 'local-logs', 'container.log') : paths.log;
}
