import { containerConfig } from '../../api/engine/container-config.ts';
import { hostConfig } from '../../api/engine/host-config.ts';
import { appliedProfile } from '../apparmor/apparmor.ts';
import { linksView } from '../links/link.ts';
import { securityOptions } from '../oci-spec/security-options.ts';
import { withDefaultUlimits } from '../oci-spec/ulimits.ts';
import { stateView } from './state-view.ts';
import { isShown, mountView } from './mount-view.ts';
import { networkSettingsView } from './network-settings-view.ts';
import type { Container, ContainerRecord } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';

type InspectParts = Pick<
  ContainerDependencies,
  'networks' | 'ports' | 'snapshotter' | 'store' | 'settings' | 'specHost'
>;

/** ContainerInspect of the Engine API; `sizes` adds SizeRw and SizeRootFs. */
export function inspectView(
  container: Container,
  parts: InspectParts,
  sizes: { SizeRw: number; SizeRootFs: number } | null,
): object {
  const { record, state, paths } = container;
  const afterFirstStart = (path: string) => (state.startAttempted ? path : '');
  const networkFile = (path: string) => (record.config.NetworkDisabled ? '' : afterFirstStart(path));
  const logPath = state.logStarted === false ? '' : afterFirstStart(paths.log);
  const isLogged = record.hostConfig.LogConfig.Type === 'json-file';
  return {
    Id: container.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateView(state),
    Image: record.imageId,
    ResolvConfPath: networkFile(paths.resolvConf),
    HostnamePath: networkFile(paths.hostname),
    HostsPath: networkFile(paths.hosts),
    LogPath: isLogged ? logPath : '',
    Name: `/${container.name}`,
    RestartCount: state.restartCount,
    Driver: parts.snapshotter,
    Platform: record.platform,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: appArmorProfile(container, parts),
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: hostConfig.encode({
      ...record.hostConfig,
      Links: linksView(container, parts.store),
      Ulimits: withDefaultUlimits(record.hostConfig.Ulimits, parts.settings.defaultUlimits),
    }),
    GraphDriver: { Data: null, Name: parts.snapshotter },
    ...sizes,
    Mounts: record.mounts.filter(isShown).map(mountView),
    Config: containerConfig.encode({ ...record.config, MacAddress: askedMac(record) }),
    NetworkSettings: networkSettingsView(container, parts),
    ...(record.imageManifest && { ImageManifestDescriptor: record.imageManifest }),
  };
}

/** Until the first start it is what was asked for. */
function appArmorProfile({ record, state }: Container, { specHost }: InspectParts): string {
  const { SecurityOpt, Privileged } = record.hostConfig;
  const asked = securityOptions(SecurityOpt ?? []).apparmor;
  if (!state.startAttempted) return asked ?? '';
  return specHost.hasAppArmor ? appliedProfile(asked, Privileged) : '';
}

/** Clients from before API 1.44 look for it here. */
function askedMac({ config, hostConfig, networking }: ContainerRecord): string {
  const mode = hostConfig.NetworkMode;
  if (config.MacAddress !== '' || mode === 'host' || mode === 'none') return config.MacAddress;
  return networking.EndpointsConfig?.[mode]?.MacAddress ?? '';
}
