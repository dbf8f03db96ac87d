import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { JsonFileWriter, type LogWriter } from './json-file-writer.ts';

/** The log that a container's output goes to; null for the driver `none`. */
export function openLog(deps: ContainerDependencies, container: Container): LogWriter | null {
  if (container.record.hostConfig.LogConfig.Type === 'none') return null;
  return new JsonFileWriter({
    path: container.paths.log,
    clock: deps.clock,
    attributes: {},
    onError: (error) => deps.log.warn({ err: error, container: container.id }, 'log cannot be written'),
  });
}
