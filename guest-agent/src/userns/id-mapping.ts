import { createHash } from 'node:crypto';
import { SystemError } from '../api/index.ts';

/** A run of ids: `size` of them from `containerId` on are those from `hostId` on (user_namespaces(7), uid_map). */
export interface IdRange {
  containerId: number;
  hostId: number;
  size: number;
}

export interface Owner {
  uid: number;
  gid: number;
}

/** What containers' users and groups are on the machine. */
export class IdMapping {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
  /** The containers' root. */
  readonly root: Owner;

  /** SystemError when root has no id on the machine. */
  constructor(uids: readonly IdRange[], gids: readonly IdRange[]) {
    this.uids = uids;
    this.gids = gids;
    this.root = { uid: toHost(0, uids), gid: toHost(0, gids) };
  }

  /**
   * SystemError in dockerd's words for an id that containers do not have. What is the containers' root's already stays
   * so, as with dockerd: `docker cp` from one container to another.
   */
  toHost({ uid, gid }: Owner): Owner {
    const { root } = this;
    return {
      uid: uid === root.uid ? uid : toHost(uid, this.uids),
      gid: gid === root.gid ? gid : toHost(gid, this.gids),
    };
  }

  /** SystemError in dockerd's words for an id that no container can have. */
  toContainer({ uid, gid }: Owner): Owner {
    return { uid: toContainer(uid, this.uids), gid: toContainer(gid, this.gids) };
  }

  /** UID.GID of the containers' root: what dockerd names a mapping's data by. */
  get name(): string {
    return `${this.root.uid}.${this.root.gid}`;
  }

  /** Differs wherever any id does. */
  get fingerprint(): string {
    const text = JSON.stringify([this.uids, this.gids]);
    return createHash('sha256').update(text).digest('hex').slice(0, 12);
  }
}

function toHost(id: number, ranges: readonly IdRange[]): number {
  const range = ranges.find(({ containerId, size }) => id >= containerId && id < containerId + size);
  if (!range) throw new SystemError(`container ID ${id} cannot be mapped to a host ID`);
  return range.hostId + (id - range.containerId);
}

function toContainer(id: number, ranges: readonly IdRange[]): number {
  const range = ranges.find(({ hostId, size }) => id >= hostId && id < hostId + size);
  if (!range) throw new SystemError(`host ID ${id} cannot be mapped to a container ID`);
  return range.containerId + (id - range.hostId);
}
