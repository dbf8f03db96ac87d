import type { EndpointSettings } from '../../api/engine/endpoint.ts';
import type { PortMap } from '../../api/engine/host-config.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { isShown, mountView } from './mount-view.ts';
import { endpointsView, portsView } from './network-settings-view.ts';
import { statusText } from './state-view.ts';

/** What of a row depends on the client's API version; the rest is as inspect has it. */
export interface ContainerSummary {
  readonly ImageManifestDescriptor?: object;
  readonly [field: string]: unknown;
  readonly HostConfig: { readonly NetworkMode: string; readonly Annotations?: Record<string, string> };
}

/** One row of GET /containers/json. */
export function summaryView(
  container: Container,
  parts: Pick<ContainerDependencies, 'networks' | 'ports'>,
  extra: { nowMs: number; sizes: { SizeRw: number; SizeRootFs: number } | null; linkNames: readonly string[] },
): ContainerSummary {
  const { record, state } = container;
  return {
    Id: container.id,
    Names: [`/${container.name}`, ...extra.linkNames].sort(),
    Image: record.config.Image,
    ImageID: record.imageId,
    ...(record.imageManifest && { ImageManifestDescriptor: record.imageManifest }),
    Command: commandText(record.path, record.args),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: portRows(portsView(container, parts)),
    ...extra.sizes,
    Labels: record.config.Labels ?? {},
    State: state.phase,
    Status: statusText(state, extra.nowMs),
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode,
      ...(record.hostConfig.Annotations && { Annotations: record.hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: withoutNames(endpointsView(container, parts)) },
    Mounts: record.mounts.filter(isShown).map(mountView),
  };
}

/** Arguments with blanks are quoted, as in `docker ps`. */
function commandText(path: string, args: readonly string[]): string {
  const quoted = args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg));
  return [path, ...quoted].join(' ').trim();
}

function portRows(ports: PortMap): object[] {
  return Object.entries(ports).flatMap(([name, bindings]) => {
    const [number, Type] = name.split('/');
    const PrivatePort = Number(number);
    if (!bindings?.length) return [{ PrivatePort, Type }];
    return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }));
  });
}

/** Lists leave the names out. */
function withoutNames(endpoints: Record<string, EndpointSettings>): Record<string, EndpointSettings> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => [name, { ...endpoint, DNSNames: null }]),
  );
}
