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

const truths = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const falsehoods = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function parseFlag(name: string, text: string | undefined, absent: boolean): boolean {
  if (text === undefined) return absent;
  if (truths.includes(text)) return true;
  if (falsehoods.includes(text)) return false;
  throw new InvalidParameterError(
    `failed to parse ${name} value: ${text} (strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax)`,
  );
}

function parseMtu(text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  if (!/^[+-]?\d+$/.test(text)) {
    throw new InvalidParameterError(
      `failed to parse ${mtuOption} value: ${text} (strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax)`,
    );
  }
  const mtu = Number(text);
  if (mtu < 0) throw new InvalidParameterError(`invalid MTU number: ${text}`);
  return mtu === 0 ? absent : mtu;
}
