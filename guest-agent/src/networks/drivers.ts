import { ForbiddenError, NotFoundError } from '../api/index.ts';
import { bridgeOptions, refuseOpenIsolation } from './bridge-options.ts';
import type { Family } from './cidr.ts';
import type { NetworkDriver, NetworkRecord } from './network.ts';
import type { NetworkOptions } from './option-values.ts';
import { vlanOptions } from './vlan-options.ts';

const driverNames: readonly string[] = ['bridge', 'host', 'null', 'macvlan', 'ipvlan'];

/** The driver of that name; NotFoundError in dockerd's words where there is none. */
export function driverNamed(name: string): NetworkDriver {
  if (driverNames.includes(name)) return name as NetworkDriver;
  throw new NotFoundError(`plugin ${JSON.stringify(name)} not found`);
}

/** There is one network of each of these, made by the engine. */
export function refuseSingle(driver: NetworkDriver): void {
  if (driver === 'host' || driver === 'null')
    throw new ForbiddenError(`only one instance of "${driver}" network is allowed`);
}

export const isVlan = (driver: NetworkDriver): driver is 'macvlan' | 'ipvlan' =>
  driver === 'macvlan' || driver === 'ipvlan';

/** True where containers of the network have interfaces and addresses of their own. */
export const hasInterfaces = (driver: NetworkDriver): boolean => driver === 'bridge' || isVlan(driver);

/**
 * Families in which nobody on the machine needs an address in the network. Refuses options that the driver refuses.
 */
export function familiesWithoutGateway(network: {
  driver: NetworkDriver;
  internal: boolean;
  options: NetworkOptions;
}): readonly Family[] {
  const { driver, internal, options } = network;
  if (isVlan(driver)) {
    const { parent, mode } = vlanOptions(driver, options);
    return internal || parent === '' || mode.startsWith('l3') ? [4, 6] : [];
  }
  if (driver !== 'bridge') return [];
  const bridge = bridgeOptions(options, 0);
  refuseOpenIsolation(bridge, internal);
  const none4 = bridge.gatewayModeIpv4 === 'isolated' || (bridge.inhibitIpv4 && internal);
  return [...(none4 ? ([4] as const) : []), ...(bridge.gatewayModeIpv6 === 'isolated' ? ([6] as const) : [])];
}

/** Linux' ipvlan in its L3 modes: the interface itself is the way out, there is no gateway behind it. */
export const routesByInterface = (network: NetworkRecord | undefined): boolean =>
  network?.driver === 'ipvlan' && vlanOptions('ipvlan', network.options).mode !== 'l2';

/** A network without a parent interface leads nowhere, whatever it was asked to be. */
export const leadsNowhere = ({ driver, internal, options }: NetworkRecord): boolean =>
  internal || (isVlan(driver) && vlanOptions(driver, options).parent === '');
