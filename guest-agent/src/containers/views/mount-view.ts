import type { MountPoint } from '../mount-point.ts';

/** MountPoint of the Engine API. */
export function mountView(mount: MountPoint): object {
  return {
    Type: mount.type,
    ...(mount.name !== '' && { Name: mount.name }),
    Source: mount.source,
    Destination: mount.destination,
    ...(mount.type === 'volume' && { Driver: mount.driver }),
    Mode: mount.mode,
    RW: mount.readWrite,
    Propagation: mount.propagation,
  };
}

/** inspect and list do not show what --tmpfs asked for; it is in HostConfig.Tmpfs. */
export const isShown = (mount: MountPoint): boolean => mount.type !== 'tmpfs' || mount.fromMountsApi;
