import type { Decoded } from './shape.ts';
import { bool, int, int64, list, map, named, omitEmpty, pointer, set, str, strSlice, struct } from './shape.ts';

const duration = named('time.Duration', int64);

/** Durations in nanoseconds; 0 means inherit, Test ['NONE'] disables. */
export const healthConfig = struct('container.HealthConfig', {
  Test: omitEmpty(list(str)),
  Interval: omitEmpty(duration),
  Timeout: omitEmpty(duration),
  StartPeriod: omitEmpty(duration),
  StartInterval: omitEmpty(duration),
  Retries: omitEmpty(int),
});
export type HealthConfig = Decoded<typeof healthConfig>;

/** ContainerConfig of the Engine API, fields in the order in which Docker writes them. */
export const containerConfigFields = {
  Hostname: str,
  Domainname: str,
  User: str,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: omitEmpty(named('nat.PortSet', set)),
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: list(str),
  Cmd: strSlice,
  Healthcheck: omitEmpty(pointer(healthConfig)),
  ArgsEscaped: omitEmpty(bool),
  Image: str,
  Volumes: set,
  WorkingDir: str,
  Entrypoint: strSlice,
  NetworkDisabled: omitEmpty(bool),
  MacAddress: omitEmpty(str),
  OnBuild: list(str),
  Labels: map(str),
  StopSignal: omitEmpty(str),
  /** Seconds; null: the engine's default of 10; -1: wait for ever. */
  StopTimeout: omitEmpty(pointer(int)),
  Shell: omitEmpty(strSlice),
};
export const containerConfig = struct('Config', containerConfigFields);
export type ContainerConfig = Decoded<typeof containerConfig>;
