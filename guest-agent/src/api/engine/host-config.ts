import type { Decoded } from './shape.ts';
import {
  bool,
  int,
  int64,
  list,
  map,
  omitEmpty,
  pointer,
  raw,
  str,
  strSlice,
  struct,
  uint,
  uint16,
  uint64,
} from './shape.ts';

export const portBinding = struct('PortBinding', { HostIp: str, HostPort: str });
export type PortBinding = Decoded<typeof portBinding>;
/** '80/tcp' → bindings; null under a port means none. */
export type PortMap = Record<string, PortBinding[] | null>;

const device = struct('DeviceMapping', { PathOnHost: str, PathInContainer: str, CgroupPermissions: str });
const deviceRequest = struct('DeviceRequest', {
  Driver: str,
  Count: int,
  DeviceIDs: list(str),
  Capabilities: list(list(str)),
  Options: map(str),
});
const weightDevice = struct('WeightDevice', { Path: str, Weight: uint16 });
const throttleDevice = struct('ThrottleDevice', { Path: str, Rate: uint64 });
const ulimit = struct('Ulimit', { Name: str, Hard: int64, Soft: int64 });

export const restartPolicy = struct('RestartPolicy', { Name: str, MaximumRetryCount: int });
export type RestartPolicy = Decoded<typeof restartPolicy>;

const driverConfig = struct('Driver', { Name: omitEmpty(str), Options: omitEmpty(map(str)) });

export const mount = struct('Mount', {
  Type: omitEmpty(str),
  Source: omitEmpty(str),
  Target: omitEmpty(str),
  ReadOnly: omitEmpty(bool),
  Consistency: omitEmpty(str),
  BindOptions: omitEmpty(
    pointer(
      struct('BindOptions', {
        Propagation: omitEmpty(str),
        NonRecursive: omitEmpty(bool),
        CreateMountpoint: omitEmpty(bool),
        ReadOnlyNonRecursive: omitEmpty(bool),
        ReadOnlyForceRecursive: omitEmpty(bool),
      }),
    ),
  ),
  VolumeOptions: omitEmpty(
    pointer(
      struct('VolumeOptions', {
        NoCopy: omitEmpty(bool),
        Labels: omitEmpty(map(str)),
        Subpath: omitEmpty(str),
        DriverConfig: omitEmpty(pointer(driverConfig)),
      }),
    ),
  ),
  ImageOptions: omitEmpty(pointer(struct('ImageOptions', { Subpath: omitEmpty(str) }))),
  TmpfsOptions: omitEmpty(
    pointer(
      struct('TmpfsOptions', {
        SizeBytes: omitEmpty(int64),
        Mode: omitEmpty(uint),
        Options: omitEmpty(list(list(str))),
      }),
    ),
  ),
  ClusterOptions: omitEmpty(raw),
});
export type MountRequest = Decoded<typeof mount>;

const logConfig = struct('LogConfig', { Type: str, Config: map(str) });

/** Fields that `docker update` may change too. Bytes, CPU shares, microseconds, nano CPUs as in the Engine API. */
export const resourceFields = {
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  CgroupParent: str,
  BlkioWeight: uint16,
  BlkioWeightDevice: list(weightDevice),
  BlkioDeviceReadBps: list(throttleDevice),
  BlkioDeviceWriteBps: list(throttleDevice),
  BlkioDeviceReadIOps: list(throttleDevice),
  BlkioDeviceWriteIOps: list(throttleDevice),
  CpuPeriod: int64,
  CpuQuota: int64,
  CpuRealtimePeriod: int64,
  CpuRealtimeRuntime: int64,
  CpusetCpus: str,
  CpusetMems: str,
  Devices: list(device),
  DeviceCgroupRules: list(str),
  DeviceRequests: list(deviceRequest),
  KernelMemory: omitEmpty(int64),
  KernelMemoryTCP: omitEmpty(int64),
  MemoryReservation: int64,
  MemorySwap: int64,
  MemorySwappiness: pointer(int64),
  OomKillDisable: pointer(bool),
  PidsLimit: pointer(int64),
  Ulimits: list(ulimit),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: uint64,
  IOMaximumBandwidth: uint64,
};

/** HostConfig of the Engine API, fields in the order in which Docker writes them. */
export const hostConfig = struct('HostConfig', {
  Binds: list(str),
  ContainerIDFile: str,
  LogConfig: logConfig,
  NetworkMode: str,
  PortBindings: map(list(portBinding)),
  RestartPolicy: restartPolicy,
  AutoRemove: bool,
  VolumeDriver: str,
  VolumesFrom: list(str),
  ConsoleSize: list(uint),
  Annotations: omitEmpty(map(str)),
  CapAdd: strSlice,
  CapDrop: strSlice,
  CgroupnsMode: str,
  Dns: list(str),
  DnsOptions: list(str),
  DnsSearch: list(str),
  ExtraHosts: list(str),
  GroupAdd: list(str),
  IpcMode: str,
  Cgroup: str,
  Links: list(str),
  OomScoreAdj: int,
  PidMode: str,
  Privileged: bool,
  PublishAllPorts: bool,
  ReadonlyRootfs: bool,
  SecurityOpt: list(str),
  StorageOpt: omitEmpty(map(str)),
  Tmpfs: omitEmpty(map(str)),
  UTSMode: str,
  UsernsMode: str,
  ShmSize: int64,
  Sysctls: omitEmpty(map(str)),
  Runtime: str,
  Isolation: str,
  ...resourceFields,
  Mounts: omitEmpty(list(mount)),
  /** null: the engine's default list; []: none. */
  MaskedPaths: list(str),
  ReadonlyPaths: list(str),
  Init: omitEmpty(pointer(bool)),
});
export type HostConfig = Decoded<typeof hostConfig>;
