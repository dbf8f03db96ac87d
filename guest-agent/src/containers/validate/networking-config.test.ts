import { expect, test } from 'vitest';
import { networkingConfig } from '../../api/engine/endpoint.ts';
import { endpointSysctls, validateNetworkingConfig } from './networking-config.ts';

const subnets = ['172.30.0.0/16', 'fd00:1::/64'];
const validate = (network: string, endpoint: object | null) =>
  validateNetworkingConfig(networkingConfig.decode({ EndpointsConfig: { [network]: endpoint } }, ''), () => subnets);
const address = (IPAMConfig: object) => ({ IPAMConfig });
const sysctl = (text: string) => ({ DriverOpts: { [endpointSysctls]: text } });
const settings = 'invalid config for network mine: invalid endpoint settings:\n';

test.each([
  address({ IPv4Address: '172.30.0.9', IPv6Address: 'fd00:1::9' }),
  { MacAddress: '02:42:ac:11:00:01', Aliases: ['x'] },
  sysctl('net.ipv4.conf.IFNAME.forwarding=1,net.ipv6.conf.ifname.mtu=1400'),
])('%j is fine', (endpoint) => expect(() => validate('mine', endpoint)).not.toThrow());

test.each([
  [null, 'invalid config for network mine: EndpointsConfig is nil'],
  [address({ IPv4Address: '1.2.3.4' }), `${settings}no configured subnet or ip-range contain the IP address 1.2.3.4`],
  [
    address({ IPv6Address: 'fd00:2::1' }),
    `${settings}no configured subnet or ip-range contain the IP address fd00:2::1`,
  ],
  [
    address({ IPv4Address: 'x' }),
    `${settings}* invalid IPv4 address: x\n* no configured subnet or ip-range contain the IP address x`,
  ],
  [address({ LinkLocalIPs: ['x'] }), `${settings}invalid link-local IP address: x`],
  [{ MacAddress: 'nope' }, 'invalid config for network mine: invalid MAC address nope'],
  [sysctl('net.ipv4.conf.eth0.forwarding=1'), `${settings}unrecognised network interface sysctl`],
])('%j: %s', (endpoint, message) => expect(() => validate('mine', endpoint)).toThrow(message));

test('a predefined network takes neither an address nor a name', () => {
  expect(() => validate('bridge', { Aliases: ['x'], ...address({ IPv4Address: '172.30.0.9' }) })).toThrow(
    '* user specified IP address is supported on user defined networks only\n* network-scoped alias is supported only',
  );
});
