import { parseBool, parseInteger, syntaxError } from '../api/engine/strconv.ts';
import { InvalidParameterError, NotImplementedError } from '../api/index.ts';

/** Options of the bridge driver (dockerd's documentation, "Bridge network driver", options), decoded. */
export interface BridgeOptions {
  /** '': the engine names it after the network. */
  name: string;
  /** Containers of the network reach each other. */
  icc: boolean;
  masquerade: boolean;
  /** Host address that ports are published on when none is named; '' for all. */
  hostBinding: string;
  mtu: number;
  /** Start of the interface's name in a container. */
  interfacePrefix: string;
  /** The bridge gets no IPv4 address. */
  inhibitIpv4: boolean;
}

const prefix = 'com.docker.network.bridge.';
export const bridgeNameOption = `${prefix}name`;
const mtuOption = 'com.docker.network.driver.mtu';
const interfacePrefixOption = 'com.docker.network.container_iface_prefix';

/** Refuses values that dockerd refuses, with its texts; options of other drivers are kept and not looked at. */
export function bridgeOptions(options: Readonly<Record<string, string>>, defaultMtu: number): BridgeOptions {
  const flag = (name: string, absent: boolean) => parseFlag(`${prefix}${name}`, options[`${prefix}${name}`], absent);
  refuseUnbuilt(options);
  return {
    name: options[bridgeNameOption] ?? '',
    icc: flag('enable_icc', true),
    masquerade: flag('enable_ip_masquerade', true),
    hostBinding: options[`${prefix}host_binding_ipv4`] ?? '',
    mtu: parseMtu(options[mtuOption], defaultMtu),
    interfacePrefix: options[interfacePrefixOption] ?? 'eth',
    inhibitIpv4: flag('inhibit_ipv4', false),
  };
}

function refuseUnbuilt(options: Readonly<Record<string, string>>): void {
  for (const name of ['gateway_mode_ipv4', 'gateway_mode_ipv6']) {
    const mode = options[`${prefix}${name}`] ?? 'nat';
    if (!['nat', 'nat-unprotected', 'routed', 'isolated', ''].includes(mode))
      throw new InvalidParameterError(`unknown gateway mode ${mode}`);
    if (mode !== 'nat' && mode !== '') throw new NotImplementedError(`${prefix}${name}=${mode}: berth has nat`);
  }
}

function parseFlag(name: string, text: string | undefined, absent: boolean): boolean {
  if (text === undefined) return absent;
  const value = parseBool(text);
  if (value !== null) return value;
  throw new InvalidParameterError(`failed to parse ${name} value: ${text} (${syntaxError('ParseBool', text)})`);
}

function parseMtu(text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  const mtu = parseInteger(text);
  if (mtu === null) {
    throw new InvalidParameterError(`failed to parse ${mtuOption} value: ${text} (${syntaxError('Atoi', text)})`);
  }
  if (mtu < 0) throw new InvalidParameterError(`invalid MTU number: ${text}`);
  return mtu === 0 ? absent : mtu;
}
