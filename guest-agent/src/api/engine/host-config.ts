import type { Decoded } from './shape.ts';
import {
  array,
  bool,
  int,
  int64,
  list,
  map,
  named,
  omitEmpty,
  pointer,
  reference,
  str,
  strSlice,
  struct,
  uint,
  uint16,
  uint32,
  uint64,
} from './shape.ts';

export const portBinding = struct('nat.PortBinding', { HostIp: str, HostPort: str });
export type PortBinding = Decoded<typeof portBinding>;
/** '80/tcp' → bindings; null under a port means none. */
export type PortMap = Record<string, PortBinding[] | null>;

const device = struct('container.DeviceMapping', { PathOnHost: str, PathInContainer: str, CgroupPermissions: str });
const deviceRequest = struct('container.DeviceRequest', {
  Driver: str,
  Count: int,
  DeviceIDs: list(str),
  Capabilities: list(list(str)),
  Options: map(str),
});
const weightDevice = struct('blkiodev.WeightDevice', { Path: str, Weight: uint16 });
const throttleDevice = struct('blkiodev.ThrottleDevice', { Path: str, Rate: uint64 });
const ulimit = struct('units.Ulimit', { Name: str, Hard: int64, Soft: int64 });

export const restartPolicy = struct('container.RestartPolicy', {
  Name: named('container.RestartPolicyMode', str),
  MaximumRetryCount: int,
});
export type RestartPolicy = Decoded<typeof restartPolicy>;

const driverConfig = struct('mount.Driver', { Name: omitEmpty(str), Options: omitEmpty(map(str)) });

export const mount = struct('mount.Mount', {
  Type: omitEmpty(named('mount.Type', str)),
  Source: omitEmpty(str),
  Target: omitEmpty(str),
  ReadOnly: omitEmpty(bool),
  Consistency: omitEmpty(named('mount.Consistency', str)),
  BindOptions: omitEmpty(
    pointer(
      struct('mount.BindOptions', {
        Propagation: omitEmpty(named('mount.Propagation', str)),
        NonRecursive: omitEmpty(bool),
        CreateMountpoint: omitEmpty(bool),
        ReadOnlyNonRecursive: omitEmpty(bool),
        ReadOnlyForceRecursive: omitEmpty(bool),
      }),
    ),
  ),
  VolumeOptions: omitEmpty(
    pointer(
      struct('mount.VolumeOptions', {
        NoCopy: omitEmpty(bool),
        Labels: omitEmpty(map(str)),
        Subpath: omitEmpty(str),
        DriverConfig: omitEmpty(pointer(driverConfig)),
      }),
    ),
  ),
  ImageOptions: omitEmpty(pointer(struct('mount.ImageOptions', { Subpath: omitEmpty(str) }))),
  TmpfsOptions: omitEmpty(
    pointer(
      struct('mount.TmpfsOptions', {
        SizeBytes: omitEmpty(int64),
        Mode: omitEmpty(named('fs.FileMode', uint32)),
        Options: omitEmpty(list(list(str))),
      }),
    ),
  ),
  ClusterOptions: omitEmpty(pointer(struct('mount.ClusterOptions', {}))),
});
export type MountRequest = Decoded<typeof mount>;

const logConfig = struct('container.LogConfig', { Type: str, Config: map(str) });

/** Fields that `docker update` may change too. Bytes, CPU shares, microseconds, nano CPUs as in the Engine API. */
export const resourceFields = {
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  CgroupParent: str,
  BlkioWeight: uint16,
  BlkioWeightDevice: list(reference(weightDevice)),
  BlkioDeviceReadBps: list(reference(throttleDevice)),
  BlkioDeviceWriteBps: list(reference(throttleDevice)),
  BlkioDeviceReadIOps: list(reference(throttleDevice)),
  BlkioDeviceWriteIOps: list(reference(throttleDevice)),
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
  Ulimits: list(reference(ulimit)),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: uint64,
  IOMaximumBandwidth: uint64,
};

/** HostConfig of the Engine API, fields in the order in which Docker writes them. */
export const hostConfig = struct('container.HostConfig', {
  Binds: list(str),
  ContainerIDFile: str,
  LogConfig: logConfig,
  NetworkMode: named('container.NetworkMode', str),
  PortBindings: named('nat.PortMap', map(list(portBinding))),
  RestartPolicy: restartPolicy,
  AutoRemove: bool,
  VolumeDriver: str,
  VolumesFrom: list(str),
  ConsoleSize: array(2, uint),
  Annotations: omitEmpty(map(str)),
  CapAdd: strSlice,
  CapDrop: strSlice,
  CgroupnsMode: named('container.CgroupnsMode', str),
  Dns: list(str),
  DnsOptions: list(str),
  DnsSearch: list(str),
  ExtraHosts: list(str),
  GroupAdd: list(str),
  IpcMode: named('container.IpcMode', str),
  Cgroup: named('container.CgroupSpec', str),
  Links: list(str),
  OomScoreAdj: int,
  PidMode: named('container.PidMode', str),
  Privileged: bool,
  PublishAllPorts: bool,
  ReadonlyRootfs: bool,
  SecurityOpt: list(str),
  StorageOpt: omitEmpty(map(str)),
  Tmpfs: omitEmpty(map(str)),
  UTSMode: named('container.UTSMode', str),
  UsernsMode: named('container.UsernsMode', str),
  ShmSize: int64,
  Sysctls: omitEmpty(map(str)),
  Runtime: str,
  Isolation: named('container.Isolation', str),
  ...resourceFields,
  Mounts: omitEmpty(list(mount)),
  /** null: the engine's default list; []: none. */
  MaskedPaths: list(str),
  ReadonlyPaths: list(str),
  Init: omitEmpty(pointer(bool)),
});
export type HostConfig = Decoded<typeof hostConfig>;
