import type { Container } from '../container.ts';
import type { ContainerStore } from '../container-store.ts';

/** One legacy link of a container, resolved when it was created. */
export interface Link {
  /** What the container calls the other one. */
  readonly alias: string;
  readonly targetId: string;
  /** The other one's name then, for when it is gone. */
  readonly targetName: string;
}

/** `/source/alias`: the link's own name among all containers' names, without the slash. */
export const linkName = (source: string, { alias }: Link): string => `${source}/${alias}`;

/** HostConfig.Links as inspect has them; null for none. */
export function linksView(container: Container, store: ContainerStore): string[] | null {
  const links = container.record.links ?? [];
  if (links.length === 0) return null;
  return links.map((link) => {
    const target = store.find(link.targetId)?.name ?? link.targetName;
    return `/${target}:/${linkName(container.name, link)}`;
  });
}

/** The links' names by the id of the container that they lead to. */
export function linkNamesByTarget(containers: readonly Container[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const container of containers) {
    for (const link of container.record.links ?? []) {
      names.set(link.targetId, [...(names.get(link.targetId) ?? []), `/${linkName(container.name, link)}`]);
    }
  }
  return names;
}

/** Containers that have a link to this one, with the link. */
export function linkingTo(target: Container, store: ContainerStore): Array<{ source: Container; link: Link }> {
  return store
    .all()
    .flatMap((source) =>
      (source.record.links ?? []).filter(({ targetId }) => targetId === target.id).map((link) => ({ source, link })),
    );
}
