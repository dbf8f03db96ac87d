/** A network as the engine stores it. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipam: ReadonlyArray<{ subnet: string; gateway: string }>;
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
  /** Without the prefix length. */
  ipAddress: string;
  prefixLength: number;
  gateway: string;
  /** The bridge's end of the veth pair. */
  hostInterface: string;
}

/** A running container's network namespace and what is in it. */
export interface Sandbox {
  containerId: string;
  id: string;
  /** Bind mount of the namespace. */
  path: string;
  endpoints: Endpoint[];
}

export const bridgeNameOption = 'com.docker.network.bridge.name';
