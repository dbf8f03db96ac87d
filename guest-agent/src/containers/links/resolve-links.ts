import type { HostConfig } from '../../api/engine/host-config.ts';
import { InvalidParameterError, SystemError } from '../../api/index.ts';
import type { Container } from '../container.ts';
import type { ContainerStore } from '../container-store.ts';
import type { Link } from './link.ts';

const predefined: readonly string[] = ['', 'default', 'bridge', 'host', 'none'];

/**
 * HostConfig.Links, looked up. On a network of the user's own they are no legacy links but names on that network. An
 * alias that is taken twice keeps its first meaning.
 */
export function resolveLinks(hostConfig: HostConfig, store: ContainerStore): Link[] {
  if (!predefined.includes(hostConfig.NetworkMode)) return [];
  const links = new Map<string, Link>();
  for (const text of hostConfig.Links ?? []) {
    const { name, alias } = parseLink(text);
    const target = followNetwork(find(name, store), store);
    if (target.record.hostConfig.NetworkMode === 'host') {
      throw new InvalidParameterError(
        "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      );
    }
    if (!links.has(alias)) links.set(alias, { alias, targetId: target.id, targetName: target.name });
  }
  return [...links.values()];
}

/** 'name', 'name:alias', or as inspect shows it: '/name:/source/alias'. */
export function parseLink(text: string): { name: string; alias: string } {
  if (text === '') throw new SystemError('empty string specified for links');
  const [name = '', alias = name, more] = text.split(':');
  if (more !== undefined) throw new SystemError(`bad format for links: ${text}`);
  if (!text.includes(':') || !name.startsWith('/')) return { name, alias: alias.replace(/^\/+/, '') };
  return { name: name.slice(1), alias: alias.slice(alias.lastIndexOf('/') + 1) };
}

function find(name: string, store: ContainerStore): Container {
  try {
    return store.get(name);
  } catch (error) {
    const message = `could not get container for ${name}: ${(error as Error).message}`;
    throw new InvalidParameterError(message, { cause: error });
  }
}

/** A container without a network of its own is reached at the one whose network it shares. */
function followNetwork(container: Container, store: ContainerStore): Container {
  const mode = container.record.hostConfig.NetworkMode;
  if (!mode.startsWith('container:')) return container;
  return followNetwork(find(mode.slice('container:'.length), store), store);
}
