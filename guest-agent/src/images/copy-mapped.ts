import { pipeline } from 'node:stream/promises';
import type { Mount } from '../containerd/snapshots.ts';
import { packWithTar, unpackWithTar } from '../containers/files/tar-process.ts';
import type { IdMapping } from '../userns/id-mapping.ts';
import { mapTarIds } from '../userns/map-tar-ids.ts';
import { withMounted } from './init-layer.ts';

/** Copies the files of one snapshot into another, empty one, owned by what containers' ids are on the machine. */
export function copyMapped({ from, to, identity }: { from: Mount[]; to: Mount[]; identity: IdMapping }): Promise<void> {
  return withMounted(from, (source) => withMounted(to, (target) => copyTree({ source, target, identity })));
}

const sameName = 's,^,,S';

async function copyTree(tree: { source: string; target: string; identity: IdMapping }): Promise<void> {
  const packing = packWithTar(tree.source, { transform: sameName, recordBlocks: 128 });
  const unpacking = unpackWithTar(tree.target);
  packing.input.end('.\0');
  try {
    const mapped = () => mapTarIds(packing.output, (owner) => tree.identity.toHost(owner));
    const copying = pipeline(mapped, unpacking.input).catch(ignoreClosed);
    await Promise.all([copying, packing.done, unpacking.done]);
  } finally {
    packing.stop();
    unpacking.stop();
    await Promise.allSettled([packing.done, unpacking.done]);
  }
}

/** tar reads no further than to the archive's end; where it stopped for another reason, it says so itself. */
function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
