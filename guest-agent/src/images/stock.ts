import { NotFoundError } from '../api/errors.ts';
import type { SnapshotsClient } from '../containerd/snapshots.ts';
import type { ContentStore } from './blobs.ts';

/** What is on the disk, as seen by one request. */
export interface Stock {
  has(digest: string): Promise<boolean>;
  /** Bytes of one unpacked layer; 0 when it is not unpacked. */
  layerSize(chainId: string): Promise<number>;
  /** Bytes of an unpacked image, all layers; 0 when it is not unpacked. */
  chainSize(chainId: string): Promise<number>;
}

export interface StockBackend {
  content: ContentStore;
  snapshots: SnapshotsClient;
}

/** Everything in two calls: for lists. */
export async function takeStock({ content, snapshots }: StockBackend): Promise<Stock> {
  const [blobs, parents] = await Promise.all([allBlobs(content), allSnapshots(snapshots)]);
  const sizes = new Map<string, Promise<number>>();
  const layerSize = (chainId: string) => {
    if (!parents.has(chainId)) return Promise.resolve(0);
    const known = sizes.get(chainId) ?? usageOf(snapshots, chainId);
    sizes.set(chainId, known);
    return known;
  };
  const chainSize = async (chainId: string) => {
    let size = 0;
    for (let key: string | undefined = chainId; key; key = parents.get(key)) size += await layerSize(key);
    return size;
  };
  return { has: async (digest) => blobs.has(digest), layerSize, chainSize };
}

/** Looks each thing up when asked: for one image. */
export function liveStock({ snapshots, has }: { snapshots: SnapshotsClient; has: Stock['has'] }): Stock {
  const layerSize = (chainId: string) => usageOf(snapshots, chainId);
  const chainSize = async (chainId: string) => {
    let size = 0;
    try {
      for (let key = chainId; key !== ''; key = (await snapshots.stat(key)).parent) size += await layerSize(key);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    return size;
  };
  return { has, layerSize, chainSize };
}

async function allBlobs(content: ContentStore): Promise<Set<string>> {
  const digests = new Set<string>();
  for await (const { digest } of content.list()) digests.add(digest);
  return digests;
}

async function allSnapshots(snapshots: SnapshotsClient): Promise<Map<string, string>> {
  const parents = new Map<string, string>();
  for await (const { name, parent } of snapshots.list()) parents.set(name, parent);
  return parents;
}

async function usageOf(snapshots: SnapshotsClient, key: string): Promise<number> {
  try {
    return (await snapshots.usage(key)).size;
  } catch (error) {
    if (error instanceof NotFoundError) return 0;
    throw error;
  }
}
