import { SystemError } from '../../api/index.ts';
import { type MountTableEntry, readMountTable } from '../../storage/mount-table.ts';

/** The mount that a path lies on: the deepest one, and of several at one place the last. */
export function mountOf(mounts: readonly MountTableEntry[], path: string): MountTableEntry | undefined {
  const holds = ({ mountPoint }: MountTableEntry) =>
    mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
  return mounts.filter(holds).reduce<MountTableEntry | undefined>((best, mount) => {
    return best && best.mountPoint.length > mount.mountPoint.length ? best : mount;
  }, undefined);
}

/**
 * Refuses a propagation that the host's mount cannot give, with Docker's sentences. False where a slave was asked for
 * and cannot be had.
 */
export async function canPropagate(source: string, propagation: string): Promise<void> {
  if (!/shared|slave/.test(propagation)) return;
  const mount = mountOf(await readMountTable(), source);
  const where = `path ${source} is mounted on ${mount?.mountPoint} but it is not a shared`;
  if (propagation.endsWith('shared') && !mount?.isShared) throw new SystemError(`${where} mount`);
  if (propagation.endsWith('slave') && !mount?.isShared && !mount?.isSlave) {
    throw new SystemError(`${where} or slave mount`);
  }
}
