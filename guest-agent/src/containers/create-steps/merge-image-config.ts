import type { ContainerConfig } from '../../api/engine/container-config.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ImageRuntimeConfig } from '../../images/oci.ts';
import { nameOf } from '../oci-spec/environment.ts';
import { cleanPath } from './parse-mount.ts';

/** The request's config with what it leaves open taken from the image, as dockerd merges them; null: there is none. */
export function mergeImageConfig(config: ContainerConfig, image: ImageRuntimeConfig | null): ContainerConfig {
  const merged = image ? merge(config, image) : { ...config, ...mergeCommand(config, {}) };
  if (!merged.Entrypoint?.length && !merged.Cmd?.length) throw new InvalidParameterError('no command specified');
  return { ...merged, WorkingDir: merged.WorkingDir === '' ? '' : cleanPath(merged.WorkingDir) };
}

function merge(config: ContainerConfig, image: ImageRuntimeConfig): ContainerConfig {
  const command = mergeCommand(config, image);
  return {
    ...config,
    ...command,
    User: config.User || (image.User ?? ''),
    ExposedPorts: mergeKeys(config.ExposedPorts, image.ExposedPorts),
    Env: mergeEnv(config.Env, image.Env ?? []),
    Labels: { ...image.Labels, ...config.Labels },
    WorkingDir: config.WorkingDir || (image.WorkingDir ?? ''),
    Volumes: mergeKeys(config.Volumes, image.Volumes),
    StopSignal: config.StopSignal || (image.StopSignal ?? ''),
    Healthcheck: mergeHealthcheck(config, image),
    Shell: config.Shell ?? image.Shell ?? null,
  };
}

/** An entrypoint of the request's own makes the image's command meaningless; [''] clears the image's entrypoint. */
function mergeCommand(
  config: ContainerConfig,
  image: ImageRuntimeConfig,
): Pick<ContainerConfig, 'Entrypoint' | 'Cmd' | 'ArgsEscaped'> {
  const { Entrypoint, Cmd, ArgsEscaped } = config;
  if (Entrypoint !== null && Entrypoint.length > 0) {
    return { Entrypoint: Entrypoint.length === 1 && Entrypoint[0] === '' ? null : Entrypoint, Cmd, ArgsEscaped };
  }
  const useImageCommand = !Cmd?.length;
  return {
    Entrypoint: Entrypoint ?? image.Entrypoint ?? null,
    Cmd: useImageCommand ? (image.Cmd ?? Cmd) : Cmd,
    ArgsEscaped: useImageCommand ? (image.ArgsEscaped ?? ArgsEscaped) : ArgsEscaped,
  };
}

function mergeEnv(own: string[] | null, image: string[]): string[] | null {
  if (!own?.length) return image.length > 0 ? [...image] : own;
  const names = new Set(own.map(nameOf));
  return [...own, ...image.filter((entry) => !names.has(nameOf(entry)))];
}

function mergeKeys(
  own: Record<string, object> | null,
  image: Record<string, object> | undefined,
): Record<string, object> | null {
  return own || image ? { ...image, ...own } : null;
}

function mergeHealthcheck(config: ContainerConfig, image: ImageRuntimeConfig): ContainerConfig['Healthcheck'] {
  const own = config.Healthcheck;
  const base = image.Healthcheck;
  if (!base) return own;
  if (!own) return base;
  if (own.Test?.length) return own;
  return {
    Test: base.Test,
    Interval: own.Interval || base.Interval,
    Timeout: own.Timeout || base.Timeout,
    StartPeriod: own.StartPeriod || base.StartPeriod,
    StartInterval: own.StartInterval || base.StartInterval,
    Retries: own.Retries || base.Retries,
  };
}
