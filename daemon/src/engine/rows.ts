import type { ContainerRow, ContainerState, ImageRow, PublishedPort, VolumeRow } from '../api/engine.ts';

/* What the engine lists, as the dashboard shows it (Engine API, ContainerSummary, ImageSummary and Volume). */

export interface EngineContainer {
  Id: string;
  Names: string[] | null;
  Image: string;
  Command: string;
  State: string;
  Status: string;
  Created: number;
  Labels: Record<string, string> | null;
  Ports: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[] | null;
  Mounts: { Type: string; Name?: string }[] | null;
}

export interface EngineImage {
  Id: string;
  RepoTags: string[] | null;
  Size: number;
  Created: number;
  Containers: number;
}

export interface EngineVolume {
  Name: string;
  Driver: string;
  CreatedAt?: string;
}

export function containerRow(container: EngineContainer): ContainerRow {
  const volumes = (container.Mounts ?? []).filter(({ Type }) => Type === 'volume').map(({ Name }) => Name ?? '');
  return {
    id: container.Id,
    name: (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, ''),
    image: container.Image,
    command: container.Command,
    state: container.State as ContainerState,
    status: container.Status,
    createdAt: container.Created,
    ports: publishedPorts(container.Ports ?? []),
    labels: container.Labels ?? {},
    volumes,
  };
}

type EnginePort = NonNullable<EngineContainer['Ports']>[number];

/** IPv4 and IPv6 of the same number are one; what is only exposed is none. */
function publishedPorts(ports: readonly EnginePort[]): PublishedPort[] {
  const published = ports.flatMap(publishedPort);
  const keyOf = ({ address, hostPort, protocol }: PublishedPort) => `${address}:${hostPort}/${protocol}`;
  return [...new Map(published.map((port) => [keyOf(port), port])).values()];
}

function publishedPort({ IP = '', PrivatePort, PublicPort, Type }: EnginePort): PublishedPort[] {
  if (PublicPort === undefined) return [];
  const address = IP === '0.0.0.0' || IP === '::' ? '' : IP;
  return [{ address, hostPort: PublicPort, containerPort: PrivatePort, protocol: Type }];
}

export function imageRow(image: EngineImage, containers: number): ImageRow {
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
  return { id: image.Id, tags, bytes: image.Size, createdAt: image.Created, containers };
}

export function volumeRow(volume: EngineVolume, containers: readonly ContainerRow[]): VolumeRow {
  const usedBy = containers.filter(({ volumes }) => volumes.includes(volume.Name)).map(({ name }) => name);
  return { name: volume.Name, driver: volume.Driver, createdAt: volume.CreatedAt ?? '', usedBy };
}
