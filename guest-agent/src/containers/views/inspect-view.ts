import { containerConfig } from '../../api/engine/container-config.ts';
import { hostConfig } from '../../api/engine/host-config.ts';
import { stateView } from './state-view.ts';
import { isShown, mountView } from './mount-view.ts';
import { networkSettingsView } from './network-settings-view.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';

type InspectParts = Pick<ContainerDependencies, 'networks' | 'ports' | 'snapshotter'>;

/** ContainerInspect of the Engine API; `sizes` adds SizeRw and SizeRootFs. */
export function inspectView(
  container: Container,
  parts: InspectParts,
  sizes: { SizeRw: number; SizeRootFs: number } | null,
): object {
  const { record, state, paths } = container;
  const afterFirstStart = (path: string) => (state.startAttempted ? path : '');
  const isLogged = record.hostConfig.LogConfig.Type === 'json-file';
  return {
    Id: container.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateView(state),
    Image: record.imageId,
    ResolvConfPath: afterFirstStart(paths.resolvConf),
    HostnamePath: afterFirstStart(paths.hostname),
    HostsPath: afterFirstStart(paths.hosts),
    LogPath: isLogged ? afterFirstStart(paths.log) : '',
    Name: `/${container.name}`,
    RestartCount: state.restartCount,
    Driver: parts.snapshotter,
    Platform: record.platform,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: hostConfig.encode(record.hostConfig),
    GraphDriver: { Data: null, Name: parts.snapshotter },
    ...sizes,
    Mounts: record.mounts.filter(isShown).map(mountView),
    Config: containerConfig.encode(record.config),
    NetworkSettings: networkSettingsView(container, parts),
    ...(record.imageManifest && { ImageManifestDescriptor: record.imageManifest }),
  };
}
