import { type Finding, ok, problem, skipped } from '../finding.ts';

export interface VmImageFact {
  /** The machine is to be a VM. */
  needed: boolean;
  imageDir: string;
  /** What is wrong with the image, null when it is complete. */
  problem: string | null;
}

export function checkVmImage({ needed, imageDir, problem: wrong }: VmImageFact): Finding {
  if (!needed) return skipped('the machine is no VM');
  if (wrong === null) return ok(`complete (${imageDir})`);
  return problem(wrong, 'run scripts/setup, or set BERTH_IMAGE_DIR to the folder of a complete image');
}
