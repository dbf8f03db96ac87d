import { type Architecture, architectureOf } from '../architecture.ts';
import { VmStartError } from '../driver.ts';

/** The host's own, which a machine has unless it was asked for another. */
export function hostArchitecture(): Architecture {
  const architecture = architectureOf(process.arch);
  if (architecture) return architecture;
  throw new VmStartError(`there is no VM image for ${process.arch} processors`);
}
