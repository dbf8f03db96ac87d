/** One mount of a container, decided at create; the OCI spec and inspect's `Mounts` are made from it. */
export interface MountPoint {
  type: 'bind' | 'volume' | 'tmpfs' | 'image';
  /** Volume name, or the image as the user named it; '' for the other types. */
  name: string;
  /** Path on the guest (bind), volume data folder once mounted (volume), the image's files (image), '' (tmpfs). */
  source: string;
  destination: string;
  /** Volume driver; '' for the other types. */
  driver: string;
  /** As given on the command line: 'z', 'ro', …; '' if nothing. */
  mode: string;
  readWrite: boolean;
  /** Mount propagation; '' where it does not apply. */
  propagation: string;
  /** Fill an empty volume with what the image holds at the destination. */
  copyUp: boolean;
  /** Folder inside the volume or image; '' for all of it. */
  subpath: string;
  /** Mount options of a tmpfs, e.g. 'size=64m,mode=1777'. */
  tmpfsOptions: string;
  nonRecursive: boolean;
  /** How a read-only mount treats what is mounted below it: Docker makes that read-only too where the kernel can. */
  readOnlyBelow: 'where-possible' | 'never' | 'always';
  /** Options that exclude each other, which a start refuses; '' or absent for none. */
  conflict?: string;
  /** Digest of the image that is mounted. */
  imageId?: string;
  /** Of an image's files. */
  snapshotKey?: string;
  /** For the volume that create makes. */
  volumeLabels?: Record<string, string> | null;
  volumeOptions?: Record<string, string> | null;
  /** -v makes a missing source folder; --mount refuses it. */
  createSource: boolean;
  /** True where the request came by Mounts (--mount), not Binds (-v) or the image. */
  fromMountsApi: boolean;
}
