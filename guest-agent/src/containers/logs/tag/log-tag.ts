import type { LogInfo } from '../log-info.ts';
import { commandOf } from '../log-info.ts';
import { extraAttributes } from '../log-attributes.ts';
import { executeTemplate } from './execute.ts';
import { parseTemplate } from './parse.ts';

/** The default of drivers that cannot do without a tag. */
export const idTemplate = '{{.ID}}';

const templateName = 'log-tag';

/** The option `tag`, a Go template about the container; `standard` where it is not given. */
export function logTag(info: LogInfo, standard: string): string {
  const text = info.options['tag'] || standard;
  if (!text.includes('{{')) return text;
  return executeTemplate(parseTemplate(templateName, text), { name: templateName, fields: tagFields(info) });
}

/** Fields and methods of Docker's logger.Info. */
function tagFields(info: LogInfo): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['ID', info.id.slice(0, 12)],
    ['FullID', info.id],
    ['Name', info.name],
    ['ImageID', info.imageId.slice(0, 12)],
    ['ImageFullID', info.imageId],
    ['ImageName', info.imageName],
    ['Command', commandOf(info)],
    ['Hostname', info.hostname],
    ['DaemonName', 'docker'],
    ['ExtraAttributes', extraAttributes(info)],
    ['Config', new Map(Object.entries(info.options))],
    ['ContainerID', info.id],
    ['ContainerName', `/${info.name}`],
    ['ContainerEntrypoint', info.entrypoint],
    ['ContainerArgs', info.args],
    ['ContainerImageID', info.imageId],
    ['ContainerImageName', info.imageName],
    ['ContainerCreated', info.created],
    ['ContainerEnv', [...info.env].map(([name, value]) => `${name}=${value}`)],
    ['ContainerLabels', info.labels],
    ['LogPath', ''],
  ]);
}
