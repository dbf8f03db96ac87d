import { NotImplementedError, SystemError } from '../../api/index.ts';
import type { ContainerRecord } from '../container.ts';

/** The `tag` option: text with {{.ID}}, {{.Name}} and the like. Go's other template language is refused. */
export function logTag(template: string, record: ContainerRecord, hostname: string): string {
  const fields = tagFields(record, hostname);
  const text = template.replace(/\{\{(.*?)\}\}/gs, (action, inner: string) => {
    const name = /^-?\s*\.(\w+)\s*-?$/.exec(inner)?.[1];
    if (name === undefined) throw new NotImplementedError(`log tag ${action}: berth has fields like {{.Name}} only`);
    const value = fields[name];
    if (value !== undefined) return value;
    const column = template.indexOf(action) + 2;
    throw new SystemError(
      `template: log-tag:1:${column}: executing "log-tag" at <.${name}>: can't evaluate field ${name} in type *logger.Info`,
    );
  });
  if (text.includes('{{')) throw new SystemError('template: log-tag:1: unclosed action');
  return text;
}

function tagFields(record: ContainerRecord, hostname: string): Readonly<Record<string, string | undefined>> {
  const command = [record.path, ...record.args].join(' ');
  return {
    ID: record.id.slice(0, 12),
    FullID: record.id,
    Name: record.name,
    ImageID: record.imageId.slice(0, 12),
    ImageFullID: record.imageId,
    ImageName: record.config.Image,
    Command: command,
    Hostname: hostname,
    DaemonName: 'docker',
    ContainerID: record.id,
    ContainerName: `/${record.name}`,
    ContainerEntrypoint: record.path,
    ContainerImageID: record.imageId,
    ContainerImageName: record.config.Image,
  };
}
