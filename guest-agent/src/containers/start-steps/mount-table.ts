import { readFile } from 'node:fs/promises';
import { SystemError } from '../../api/index.ts';

/** Where mounts below `mountPoint` are passed on to (proc(5), mountinfo's optional fields). */
interface HostMount {
  mountPoint: string;
  isShared: boolean;
  isSlave: boolean;
}

/** Blanks and backslashes stand as octal numbers. */
const unescape = (text: string) =>
  text.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));

export function parseMountTable(table: string): HostMount[] {
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ');
      const optional = fields.slice(6, fields.indexOf('-'));
      return {
        mountPoint: unescape(fields[4] ?? ''),
        isShared: optional.some((field) => field.startsWith('shared:')),
        isSlave: optional.some((field) => field.startsWith('master:')),
      };
    });
}

/** The mount that a path lies on: the deepest one, and of several at one place the last. */
export function mountOf(mounts: readonly HostMount[], path: string): HostMount | undefined {
  const holds = ({ mountPoint }: HostMount) =>
    mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
  return mounts.filter(holds).reduce<HostMount | undefined>((best, mount) => {
    return best && best.mountPoint.length > mount.mountPoint.length ? best : mount;
  }, undefined);
}

/**
 * Refuses a propagation that the host's mount cannot give, with Docker's sentences. False where a slave was asked for
 * and cannot be had.
 */
export async function canPropagate(source: string, propagation: string): Promise<void> {
  if (!/shared|slave/.test(propagation)) return;
  const mount = mountOf(parseMountTable(await readFile('/proc/self/mountinfo', 'utf8')), source);
  const where = `path ${source} is mounted on ${mount?.mountPoint} but it is not a shared`;
  if (propagation.endsWith('shared') && !mount?.isShared) throw new SystemError(`${where} mount`);
  if (propagation.endsWith('slave') && !mount?.isShared && !mount?.isSlave) {
    throw new SystemError(`${where} or slave mount`);
  }
}
