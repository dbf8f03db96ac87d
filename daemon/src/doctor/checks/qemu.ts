import { isAtLeast, type QemuProgram } from '../../vm/drivers/qemu/qemu-program.ts';
import { type Finding, ok, problem, skipped, warning } from '../finding.ts';

export interface QemuFact {
  qemu: QemuProgram | { problem: string };
  /** The machine is to be a VM. */
  needed: boolean;
  /** Why it is too old for this host; null when it is not, or there is none. */
  tooOld: string | null;
  /** The last start found no acceleration that works. */
  emulates: boolean;
}

const howToGet = 'install a newer QEMU and put it on PATH';

export function checkQemu({ qemu, needed, tooOld, emulates }: QemuFact): Finding {
  if ('problem' in qemu)
    return needed ? problem(qemu.problem, 'install QEMU and put it on PATH') : skipped('not found and not needed');
  const found = `QEMU ${qemu.version.text}`;
  if (!needed) return ok(`${found}, not used by this machine`);
  if (tooOld !== null) return problem(tooOld, howToGet);
  if (!emulates || isAtLeast(qemu.version, 8, 1)) return ok(found);
  return warning(`${found} emulates with one thread only`, 'update QEMU to 8.1 or newer');
}
