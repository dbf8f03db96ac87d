import path from 'node:path';
import type { HostConfig } from '../../api/engine/host-config.ts';

/** A drive's or another machine's folder with a colon behind it; the drive's own colon is no separator. */
const sourceOfBind = /^((?:[a-z]:[\\/]|\\\\)[^:]*):/i;

/**
 * Binds of a host that runs Windows, with their sources as the machine writes them: `C:\code:/src:ro` has three parts,
 * not four. Everything else stays as it is.
 */
export function withWindowsSources(host: HostConfig): HostConfig {
  return {
    ...host,
    Binds: host.Binds?.map(machineBind) ?? null,
    Mounts: host.Mounts?.map((mount) =>
      mount.Type === 'bind' ? { ...mount, Source: machinePath(mount.Source) } : mount,
    ),
  } as HostConfig;
}

export function machineBind(bind: string): string {
  return bind.replace(sourceOfBind, (_, source: string) => `${machinePath(source)}:`);
}

/** `C:\code` as /mnt/c/code, as WSL has it, and `\\server\share` as /mnt/unc/server/share; other paths as they are. */
export function machinePath(source: string): string {
  const [, drive, rest = ''] = /^([a-z]):[\\/](.*)$/i.exec(source) ?? [];
  if (drive !== undefined) return clean(`/mnt/${drive.toLowerCase()}/${rest.replaceAll('\\', '/')}`);
  return source.startsWith('\\\\') ? clean(`/mnt/unc/${source.replaceAll('\\', '/')}`) : source;
}

function clean(file: string): string {
  return path.posix.normalize(file).replace(/(.)\/$/, '$1');
}
