import { containerConfig, type ContainerConfig } from '../../api/engine/container-config.ts';
import { applyChanges } from '../../images/changes.ts';
import type { ImageRuntimeConfig } from '../../images/oci.ts';
import { mergeImageConfig } from '../create-steps/merge-image-config.ts';

/**
 * The configuration of an image made from a container: what the request says (null: the container's own), changed by
 * Dockerfile instructions, and what is left open taken from the container.
 */
export function commitConfig(
  own: ContainerConfig,
  asked: ContainerConfig | null,
  changes: readonly string[],
): ImageRuntimeConfig {
  const changed = applyChanges(runtimeConfig(asked ?? own), changes);
  const keywords = changes.map((change) => change.trim().split(/\s/, 1)[0]?.toUpperCase());
  // A new entrypoint makes an old command meaningless, unless that is new, too.
  if (keywords.includes('ENTRYPOINT') && !keywords.includes('CMD')) delete changed.Cmd;
  const merged = mergeImageConfig({ ...containerConfig.zero(), ...changed } as ContainerConfig, runtimeConfig(own));
  return runtimeConfig(merged);
}

const fields = [
  'User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal', 'ArgsEscaped',
  'Healthcheck', 'OnBuild', 'Shell',
] as const; // prettier-ignore

const isEmpty = (value: unknown): boolean => !value || (typeof value === 'object' && Object.keys(value).length === 0);

/** The part of a container's configuration that images have, too, without what is empty. */
export function runtimeConfig(config: ContainerConfig): ImageRuntimeConfig {
  const kept = fields.map((name) => [name, config[name]] as const).filter(([, value]) => !isEmpty(value));
  return structuredClone(Object.fromEntries(kept)) as ImageRuntimeConfig;
}
