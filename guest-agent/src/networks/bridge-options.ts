import { InvalidParameterError, SystemError } from '../api/index.ts';
import { type NetworkOptions, OptionValues } from './option-values.ts';

/** How a bridge's own side of a network behaves (dockerd's documentation, "Bridge network driver", gateway modes). */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated';

/** Options of the bridge driver (dockerd's documentation, "Bridge network driver", options), decoded. */
export interface BridgeOptions {
  /** '': the engine names it after the network. */
  name: string;
  /** Containers of the network reach each other. */
  icc: boolean;
  masquerade: boolean;
  /** Address that containers have outside; '' for that of the interface they leave by. */
  hostIpv4: string;
  hostIpv6: string;
  gatewayModeIpv4: GatewayMode;
  gatewayModeIpv6: GatewayMode;
  /** Interfaces from which published ports may be reached by the container's own address. */
  trustedInterfaces: readonly string[];
  /** Host address that ports are published on when none is named; '' for all. */
  hostBinding: string;
  mtu: number;
  /** Start of the interface's name in a container. */
  interfacePrefix: string;
  /** The bridge gets no IPv4 address. */
  inhibitIpv4: boolean;
}

const prefix = 'com.docker.network.bridge.';
const common = 'com.docker.network.';
export const bridgeNameOption = `${prefix}name`;
const mtuOption = `${common}driver.mtu`;
const gatewayModes: readonly string[] = ['nat', 'nat-unprotected', 'routed', 'isolated'];

/** Refuses values that dockerd refuses, with its texts; options of other drivers are kept and not looked at. */
export function bridgeOptions(options: NetworkOptions, defaultMtu: number): BridgeOptions {
  const values = new OptionValues(options);
  values.flag(`${prefix}default_bridge`, false);
  return {
    name: values.text(bridgeNameOption, ''),
    icc: values.flag(`${prefix}enable_icc`, true),
    masquerade: values.flag(`${prefix}enable_ip_masquerade`, true),
    hostIpv4: values.address(`${common}host_ipv4`),
    hostIpv6: values.address(`${common}host_ipv6`),
    gatewayModeIpv4: gatewayMode(values, `${prefix}gateway_mode_ipv4`),
    gatewayModeIpv6: gatewayMode(values, `${prefix}gateway_mode_ipv6`),
    trustedInterfaces: interfaceNames(values, `${prefix}trusted_host_interfaces`),
    hostBinding: values.address(`${prefix}host_binding_ipv4`),
    mtu: mtuOf(values, defaultMtu),
    interfacePrefix: interfacePrefix(values),
    inhibitIpv4: values.flag(`${prefix}inhibit_ipv4`, false),
  };
}

/** SystemError, as dockerd answers it, for a mode that an open network cannot have. */
export function refuseOpenIsolation({ gatewayModeIpv4, gatewayModeIpv6 }: BridgeOptions, internal: boolean): void {
  if (!internal && [gatewayModeIpv4, gatewayModeIpv6].includes('isolated'))
    throw new SystemError("gateway mode 'isolated' can only be used for an internal network");
}

function gatewayMode(values: OptionValues, name: string): GatewayMode {
  return values.parsed<GatewayMode>(
    name,
    'nat',
    (text) => (gatewayModes.includes(text) ? (text as GatewayMode) : null),
    (text) => `unknown gateway mode ${text}`,
  );
}

function mtuOf(values: OptionValues, absent: number): number {
  const mtu = values.integer(mtuOption, absent);
  if (mtu < 0) throw new InvalidParameterError(`invalid MTU number: ${mtu}`);
  return mtu === 0 ? absent : mtu;
}

/** Linux, IFNAMSIZ: names end up in the kernel, and on a shell's input. */
const nameCharacters = /^[A-Za-z0-9_.@+=~-]*$/;

function interfacePrefix(values: OptionValues): string {
  const text = values.text(`${common}container_iface_prefix`, '') || 'eth';
  if (!nameCharacters.test(text) || text.length > 13)
    throw new InvalidParameterError(`invalid interface prefix ${JSON.stringify(text)}: up to 13 of A-Z a-z 0-9 _ . -`);
  return text;
}

/** 'eth0:eth1' */
function interfaceNames(values: OptionValues, name: string): string[] {
  const names = values
    .text(name, '')
    .split(':')
    .filter((each) => each !== '');
  const wrong = names.find((each) => !nameCharacters.test(each) || each.length > 15);
  if (wrong !== undefined)
    throw new InvalidParameterError(`invalid interface name ${JSON.stringify(wrong)} in ${name}`);
  return names;
}
