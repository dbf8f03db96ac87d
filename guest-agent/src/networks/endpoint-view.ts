import type { EndpointSettings } from '../api/engine/endpoint.ts';
import { endpointSettings } from '../api/engine/endpoint.ts';
import type { Endpoint } from './network.ts';

/** EndpointSettings of a container: what was asked for, and while it runs what was assigned. */
export function endpointView(options: {
  asked: EndpointSettings | null;
  networkId: string;
  endpoint: Endpoint | undefined;
}): EndpointSettings {
  const base = { ...endpointSettings.zero(), ...options.asked, NetworkID: options.networkId };
  const { endpoint } = options;
  if (!endpoint) return base;
  return {
    ...base,
    EndpointID: endpoint.endpointId,
    MacAddress: endpoint.macAddress,
    Gateway: endpoint.gateway,
    IPAddress: endpoint.ipAddress,
    IPPrefixLen: endpoint.prefixLength,
  };
}
