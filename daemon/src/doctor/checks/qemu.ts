import { isAtLeast, type QemuProgram } from '../../vm/drivers/qemu/qemu-program.ts';
import { type Finding, ok, problem, skipped, warning } from '../finding.ts';

export interface QemuFact {
  qemu: QemuProgram | { problem: string };
  /** The machine is to be a VM. */
  needed: boolean;
  /** The last start found no acceleration that works. */
  emulates: boolean;
}

const oldest = { major: 7, minor: 2 };
const howToGet = `install QEMU ${oldest.major}.${oldest.minor} or newer and put it on PATH`;

export function checkQemu({ qemu, needed, emulates }: QemuFact): Finding {
  if ('problem' in qemu) return needed ? problem(qemu.problem, howToGet) : skipped('not found and not needed');
  const found = `QEMU ${qemu.version.text}`;
  if (!needed) return ok(`${found}, not used by this machine`);
  if (!isAtLeast(qemu.version, oldest.major, oldest.minor)) {
    return problem(`${found} is older than the oldest that berth is tested with`, howToGet);
  }
  if (!emulates || isAtLeast(qemu.version, 8, 1)) return ok(found);
  return warning(`${found} emulates with one thread only`, 'update QEMU to 8.1 or newer');
}
