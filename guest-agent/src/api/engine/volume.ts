import type { Decoded } from './shape.ts';
import { map, raw, str, struct } from './shape.ts';

/** POST /volumes/create. */
export const volumeCreateRequest = struct('CreateOptions', {
  Name: str,
  Driver: str,
  DriverOpts: map(str),
  Labels: map(str),
  ClusterVolumeSpec: raw,
});
export type VolumeCreateRequest = Decoded<typeof volumeCreateRequest>;

/** A volume as every route shows it; null where it was made without. */
export interface VolumeJson {
  CreatedAt: string;
  Driver: string;
  Labels: Record<string, string> | null;
  Mountpoint: string;
  Name: string;
  Options: Record<string, string> | null;
  Scope: 'local';
}

export interface VolumeListJson {
  Volumes: VolumeJson[];
  Warnings: string[] | null;
}

export interface VolumesPruneReport {
  VolumesDeleted: string[];
  SpaceReclaimed: number;
}
