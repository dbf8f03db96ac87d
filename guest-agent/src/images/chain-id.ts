import { createHash } from 'node:crypto';

/** `sha256:…` of some bytes. */
export const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Identity of each layer together with all below it, as the OCI specification defines it. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const parent = chain.at(-1);
    chain.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`));
  }
  return chain;
}

/** Snapshot name of an unpacked image; '' for one without layers. */
export const chainIdOf = (diffIds: readonly string[]): string => chainIds(diffIds).at(-1) ?? '';
