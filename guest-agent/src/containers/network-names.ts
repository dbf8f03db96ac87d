import type { ContainerRecord } from './container.ts';

/** The networks that a container joins: those of its endpoints, else the one of its mode, which is the first. */
export function networkNames({ hostConfig, networking }: Pick<ContainerRecord, 'hostConfig' | 'networking'>): string[] {
  const mode = hostConfig.NetworkMode;
  const names = Object.keys(networking.EndpointsConfig ?? {});
  if (names.length === 0) return [mode];
  return [...names.filter((name) => name === mode), ...names.filter((name) => name !== mode)];
}
