import { SystemError } from '../api/index.ts';
import type { NetworkOptions } from './option-values.ts';

export type VlanDriver = 'macvlan' | 'ipvlan';

/** Options of the macvlan and ipvlan drivers (dockerd's documentation), decoded. */
export interface VlanOptions {
  /** The machine's interface that the containers' are made of; '': one of the network's own, which leads nowhere. */
  parent: string;
  /** As ip-link(8) names it. */
  mode: string;
  /** ipvlan's: 'bridge', 'private' or 'vepa'. */
  flag: string;
}

const modes: Record<VlanDriver, readonly string[]> = {
  macvlan: ['bridge', 'private', 'passthru', 'vepa'],
  ipvlan: ['l2', 'l3', 'l3s'],
};
const flags = ['bridge', 'private', 'vepa'];

/** Refuses what dockerd refuses, with its texts and its 500. */
export function vlanOptions(driver: VlanDriver, options: NetworkOptions): VlanOptions {
  const [firstMode = ''] = modes[driver];
  const mode = options[`${driver}_mode`] || firstMode;
  if (!modes[driver].includes(mode))
    throw new SystemError(
      `requested ${driver} mode '${mode}' is not valid, '${firstMode}' mode is the ${driver} driver default`,
    );
  const flag = options['ipvlan_flag'] || 'bridge';
  if (driver === 'ipvlan' && !flags.includes(flag))
    throw new SystemError(`requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`);
  const parent = options['parent'] ?? '';
  if (parent === 'lo') throw new SystemError(`loopback interface is not a valid ${driver} parent link`);
  return { parent, mode, flag };
}
