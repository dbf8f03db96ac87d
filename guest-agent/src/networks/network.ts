/** One address pool of a network, as it was asked for or chosen. */
export interface NetworkIpam {
  readonly subnet: string;
  /** '': all of the subnet. */
  readonly ipRange: string;
  /** '' where the network has none of its own; the engine then uses the subnet's first address. */
  readonly gateway: string;
  /** False where nobody on the machine has an address in it: `gateway` is '' then, and the first address is a container's. */
  readonly hasGateway: boolean;
  /** Name → address that is never given to a container. */
  readonly auxiliary: Readonly<Record<string, string>>;
}

/** 'null' is also what a network that is only a configuration for others has. */
export type NetworkDriver = 'bridge' | 'host' | 'null' | 'macvlan' | 'ipvlan';

/** A network as the engine stores it. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly driver: NetworkDriver;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  /** Nothing but settings that other networks are made from. */
  readonly configOnly: boolean;
  /** Name of the network that the settings come from; '' for none. */
  readonly configFrom: string;
  readonly ipam: readonly NetworkIpam[];
  readonly ipamOptions: Readonly<Record<string, string>> | null;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** One container in one network while it runs. */
export interface Endpoint {
  networkId: string;
  endpointId: string;
  containerId: string;
  containerName: string;
  macAddress: string;
  /** '' without IPv4; without the prefix length. */
  ipAddress: string;
  prefixLength: number;
  gateway: string;
  /** '' without IPv6. */
  ipv6Address: string;
  ipv6PrefixLength: number;
  ipv6Gateway: string;
  /** The container's end: 'eth0', …; '' where the driver makes none. */
  interfaceName: string;
  /** The bridge's end of the veth pair; '' where there is none. */
  hostInterface: string;
  /** Names of this container in this network besides its own; '' never occurs. */
  aliases: readonly string[];
  /** 'container:alias', for this container alone. */
  links: readonly string[];
  /** The endpoint with the highest one has the default route. */
  gatewayPriority: number;
  /** Addresses besides its own (RFC 3927). */
  linkLocalAddresses: readonly string[];
  /** 'net.ipv4.conf.IFNAME.x=1': settings of the interface. */
  sysctls: readonly string[];
}

/** A running container's network namespace and what is in it. */
export interface Sandbox {
  containerId: string;
  id: string;
  /** Bind mount of the namespace. */
  path: string;
  endpoints: Endpoint[];
  /** Resolvers for names that are no container's; empty: the machine's. */
  resolvers: readonly string[];
  /** Where 127.0.0.11 leads; null: nowhere. */
  resolver: { address: string; port: number } | null;
  /** Of a build's step: no event tells of it, and whoever it asks for names, it asks the resolver. */
  isStep: boolean;
}

export const predefined: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Containers of a network of the user's own find each other by name. */
export const isUserDefined = (network: Pick<NetworkRecord, 'name'>): boolean => !predefined.has(network.name);
