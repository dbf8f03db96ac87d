/** One address pool of a network, as it was asked for or chosen. */
export interface NetworkIpam {
  readonly subnet: string;
  /** '': all of the subnet. */
  readonly ipRange: string;
  /** '' where the network has none of its own; the engine then uses the subnet's first address. */
  readonly gateway: string;
  /** Name → address that is never given to a container. */
  readonly auxiliary: Readonly<Record<string, string>>;
}

/** A network as the engine stores it. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
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
}

export const predefined: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Containers of a network of the user's own find each other by name. */
export const isUserDefined = (network: Pick<NetworkRecord, 'name'>): boolean => !predefined.has(network.name);
