import { readFile, writeFile } from 'node:fs/promises';
import { SystemError } from '../../api/index.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { bridgeAddress } from './bridge-address.ts';
import { linkingTo } from './link.ts';

type HostsParts = Pick<ContainerDependencies, 'store' | 'networks' | 'log'>;

/** Lines of /etc/hosts for a container's links: the alias, the other one's hostname and its name. */
export function linkHostsLines(deps: HostsParts, container: Container): string[] {
  if (bridgeAddress(deps, container) === null) return [];
  return (container.record.links ?? []).flatMap(({ alias, targetId }) => {
    const target = deps.store.find(targetId);
    if (!target) return [];
    if (target.record.hostConfig.NetworkMode !== 'bridge') {
      throw new SystemError(`Cannot link to /${target.name}, as it does not belong to the default network`);
    }
    const address = bridgeAddress(deps, target);
    const names = [alias, target.record.config.Hostname, ...(alias === target.name ? [] : [target.name])];
    return address === null ? [] : [`${address}\t${names.join(' ')}`];
  });
}

/** A container that has started again may have another address: those that link to it are told. */
export async function refreshLinkingHosts(deps: HostsParts, target: Container): Promise<void> {
  const address = bridgeAddress(deps, target);
  if (address === null) return;
  for (const { source, link } of linkingTo(target, deps.store)) {
    if (!deps.networks.sandboxOf(source.id)) continue;
    // Written in place: the container has this very file mounted.
    const hosts = await readFile(source.paths.hosts, 'utf8');
    await writeFile(source.paths.hosts, withAddress(hosts, link.alias, address));
  }
}

/** The hosts file with another address for a name. */
export function withAddress(hosts: string, name: string, address: string): string {
  return hosts
    .split('\n')
    .map((line) => {
      const [old = '', ...names] = line.split(/\s+/);
      return old.startsWith('#') || !names.includes(name) ? line : `${address}${line.slice(old.length)}`;
    })
    .join('\n');
}

/** Takes the line of one link out of a hosts file. */
export async function forgetInHosts(file: string, alias: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, lines.filter((line) => line.split(/\s+/)[1] !== alias).join('\n'));
}
