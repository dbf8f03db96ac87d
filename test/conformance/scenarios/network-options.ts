import { del, get, post, type Scenario, type Step } from '../scenario.ts';

const create = (body: object, more: Partial<Step> = {}) => post('/v1.51/networks/create', body, more);
const remove = (name: string) => del(`/v1.51/networks/${name}`, { silent: true });
const inspect = (name: string) => get(`/v1.51/networks/${name}`);
/** A network that should not come about; where it does, it must not be in the way of the next one. */
const refused = (more: object) => [create({ Name: 'cf-bad', ...more }), remove('cf-bad')];
/** A network that comes about, as it is shown. */
const made = (more: object) => [create({ Name: 'cf-made', ...more }), inspect('cf-made'), remove('cf-made')];

const bridge = (name: string, value: string) => ({ Options: { [`com.docker.network.bridge.${name}`]: value } });
const option = (name: string, value: string) => ({ Options: { [`com.docker.network.${name}`]: value } });
const ipam = (...Config: object[]) => ({ IPAM: { Config } });

const optionSteps: Step[] = [
  ...made(bridge('enable_icc', 'false')),
  ...made(bridge('enable_ip_masquerade', '0')),
  ...made(bridge('host_binding_ipv4', '127.0.0.1')),
  ...made(bridge('inhibit_ipv4', 'true')),
  ...made(bridge('trusted_host_interfaces', 'eth0:eth1')),
  ...made(bridge('default_bridge', 'false')),
  ...made(option('container_iface_prefix', 'lan')),
  ...made(option('host_ipv4', '127.0.0.1')),
  ...made(option('enable_ipv4', 'true')),
  ...made(option('enable_ipv6', 'false')),
  ...made(option('advertise_addr_nmsgs', '2')),
  ...made({ Options: { 'some.other.option': 'x' } }),
  ...refused(bridge('inhibit_ipv4', 'x')),
  ...refused(bridge('default_bridge', 'x')),
  ...refused(bridge('host_binding_ipv4', 'x')),
  ...refused(bridge('host_binding_ipv4', '')),
  ...refused(option('host_ipv4', 'x')),
  ...refused(option('host_ipv6', 'x')),
  ...refused(option('enable_ipv4', 'x')),
  ...refused(option('enable_ipv6', 'x')),
  ...refused(option('enable_ipv4', 'false')),
  ...refused(option('driver.mtu', '-1')),
  ...refused(option('advertise_addr_nmsgs', 'x')),
  ...refused(option('advertise_addr_nmsgs', '9')),
  ...refused(option('advertise_addr_ms', '1')),
];

const gatewaySteps: Step[] = [
  ...['nat', 'nat-unprotected', 'routed'].flatMap((mode) => made(bridge('gateway_mode_ipv4', mode))),
  ...made({ ...bridge('gateway_mode_ipv4', 'isolated'), Internal: true, ...ipam({ Subnet: '10.191.0.0/24' }) }),
  ...made({
    ...{ EnableIPv6: true, Internal: true },
    Options: {
      'com.docker.network.bridge.gateway_mode_ipv4': 'isolated',
      'com.docker.network.bridge.gateway_mode_ipv6': 'isolated',
    },
    ...ipam({ Subnet: '10.191.0.0/24' }, { Subnet: 'fd00:191::/64' }),
  }),
  ...made({ ...bridge('inhibit_ipv4', 'true'), Internal: true, ...ipam({ Subnet: '10.191.0.0/24' }) }),
  ...refused(bridge('gateway_mode_ipv4', 'isolated')),
  ...refused(bridge('gateway_mode_ipv4', 'nope')),
  ...refused(bridge('gateway_mode_ipv4', '')),
  ...refused(bridge('gateway_mode_ipv6', 'nope')),
];

const configSteps: Step[] = [
  create({
    ...{ Name: 'cf-config', ConfigOnly: true, Labels: { a: 'b' }, EnableIPv6: true },
    Options: { 'com.docker.network.driver.mtu': '1300' },
    IPAM: {
      Options: { c: 'd' },
      Config: [{ Subnet: '10.192.0.0/24', AuxiliaryAddresses: { x: '10.192.0.9' } }, { Subnet: 'fd00:192::/64' }],
    },
  }),
  inspect('cf-config'),
  create({ Name: 'cf-config', ConfigOnly: true }),
  create({ Name: 'cf-from', ConfigFrom: { Network: 'cf-config' }, Internal: true }),
  inspect('cf-from'),
  del('/v1.51/networks/cf-config'),
  get('/v1.51/networks?filters={"name":["cf-"]}'),
  get('/v1.51/networks?filters={"driver":["null"],"type":["custom"]}'),
  post('/v1.51/containers/create?name=cf-c', { Image: 'busybox:latest', HostConfig: { NetworkMode: 'cf-config' } }),
  post('/v1.51/containers/cf-c/start'),
  del('/v1.51/containers/cf-c?force=1', { silent: true }),
  post('/v1.51/containers/create?name=cf-d', { Image: 'busybox:latest', Cmd: ['sleep', '100'] }, { silent: true }),
  post('/v1.51/networks/cf-config/connect', { Container: 'cf-d' }),
  post('/v1.51/containers/cf-d/start', undefined, { silent: true }),
  post('/v1.51/networks/cf-config/connect', { Container: 'cf-d' }),
  del('/v1.51/containers/cf-d?force=1', { silent: true }),
  ...refused({ ConfigFrom: { Network: 'nope' } }),
  ...refused({ ConfigFrom: { Network: 'bridge' } }),
  ...refused({ ConfigFrom: { Network: 'cf-config' }, ConfigOnly: true }),
  ...refused({ ConfigFrom: { Network: 'cf-config' }, Labels: { a: 'b' } }),
  ...refused({ ConfigFrom: { Network: 'cf-config' }, EnableIPv6: true }),
  ...refused({ ConfigFrom: { Network: 'cf-config' }, Options: { a: 'b' } }),
  ...refused({ ConfigFrom: { Network: 'cf-config' }, ...ipam({ Subnet: '10.193.0.0/24' }) }),
  ...refused({ ConfigOnly: true, Internal: true }),
  ...refused({ ConfigOnly: true, Attachable: true }),
  ...refused({ ConfigOnly: true, Scope: 'local' }),
  ...refused({ ConfigOnly: true, Driver: 'nope' }),
  del('/v1.51/networks/cf-from'),
  del('/v1.51/networks/cf-config'),
];

const ipamSteps: Step[] = [
  ...made(ipam({ Subnet: '10.198.0.0/24', IPRange: '10.198.0.64/26' })),
  ...made(ipam({ Subnet: '10.198.0.0/24', Gateway: '10.198.0.200', IPRange: '10.198.0.64/26' })),
  // dockerd never gives back the subnet of a network that it refuses for this: a second recording needs a fresh one.
  ...made(ipam({ Subnet: '10.199.7.0/24', AuxiliaryAddresses: { a: '10.199.7.1' } })),
  ...made(ipam({ Subnet: '10.198.0.0/31' })),
  ...made(ipam({ Subnet: '10.198.0.0/30' })),
  ...made(ipam({ Subnet: 'fd00:194::/64' })),
  ...made({
    EnableIPv6: true,
    ...ipam({ Subnet: '10.198.0.0/24' }, { Subnet: 'fd00:194::/64', Gateway: 'fd00:194::7' }),
  }),
  ...made({ EnableIPv6: true, EnableIPv4: false, ...ipam({ Subnet: 'fd00:194::/64' }) }),
  ...made({ EnableIPv6: true, ...ipam({ Subnet: 'fd00:194::/80', IPRange: 'fd00:194::8:0/112' }) }),
  ...refused(ipam({ Subnet: '10.198.0.0/32' })),
  ...refused(ipam({ Subnet: '10.198.0.0/24' }, { Subnet: '10.198.1.0/24' })),
  ...refused(ipam({ Subnet: '10.198.0.0/24' }, { Subnet: '10.198.0.0/25' })),
  ...refused(ipam({ Subnet: '10.198.0.0/33' })),
  ...refused(ipam({ Subnet: '10.198.0/24' })),
  ...refused(ipam({ Subnet: '010.198.0.0/24' })),
  ...refused(ipam({ Subnet: '' })),
  ...refused(ipam({})),
  ...refused(ipam({ Subnet: '0.0.0.0/0' })),
  ...refused(ipam({ Subnet: '127.0.0.0/8' })),
  ...refused(ipam({ Subnet: '224.0.0.0/8' })),
  ...refused(ipam({ Subnet: '10.199.8.0/24', Gateway: '10.199.8.0' })),
  ...refused(ipam({ Subnet: '10.199.9.0/24', Gateway: '10.199.9.255' })),
  ...refused(ipam({ Subnet: '10.198.0.0/24', Gateway: '10.198.0.5/24' })),
  ...refused(ipam({ Subnet: '10.199.10.0/24', Gateway: '10.199.10.9', AuxiliaryAddresses: { a: '10.199.10.9' } })),
  ...refused(ipam({ Subnet: '10.198.0.0/24', Gateway: 'x', AuxiliaryAddresses: { b: 'fd00::1' } })),
  ...refused(ipam({ Subnet: '10.198.0.0/24', IPRange: 'fd00::/64' })),
  ...refused({ EnableIPv6: true, ...ipam({ Subnet: 'fe80::/80' }) }),
  ...refused({ EnableIPv6: true, ...ipam({ Subnet: 'ff00::/64' }) }),
  ...refused({ EnableIPv6: true, ...ipam({ Subnet: '::/0' }) }),
  ...refused({ EnableIPv4: false, EnableIPv6: true, ...ipam({ Subnet: '10.198.0.0/24' }) }),
  ...refused({ IPAM: { Driver: 'null' } }),
];

const vlan = (Driver: string, options: Record<string, string>, more: object = {}) => ({
  Driver,
  Options: options,
  ...more,
});
/** None of these needs a kernel with dummy, VLAN or ipvlan interfaces. */
const vlanSteps: Step[] = [
  ...refused(vlan('macvlan', { macvlan_mode: 'nope' })),
  ...refused(vlan('macvlan', { parent: 'lo' })),
  ...refused(vlan('macvlan', { parent: 'nope0' })),
  ...refused(vlan('macvlan', { parent: 'nope0.5' })),
  ...refused(vlan('macvlan', { parent: 'lo.x' })),
  ...refused(vlan('macvlan', { parent: 'lo.5000' })),
  ...refused(vlan('macvlan', { parent: 'a.b.c' })),
  ...refused(vlan('macvlan', {}, ipam({ Subnet: '0.0.0.0/0' }))),
  ...refused(vlan('ipvlan', { ipvlan_mode: 'nope' })),
  ...refused(vlan('ipvlan', { ipvlan_flag: 'nope' })),
  ...refused(vlan('ipvlan', { parent: 'lo' })),
  ...refused(vlan('ipvlan', { parent: 'nope0' })),
  create({ Name: 'cf-under', ...bridge('name', 'cfunder0'), ...ipam({ Subnet: '10.197.0.0/24' }) }, { silent: true }),
  create({
    ...{ Name: 'cf-mac', Driver: 'macvlan', Options: { parent: 'cfunder0', macvlan_mode: 'vepa' } },
    ...ipam({ Subnet: '10.195.0.0/24', Gateway: '10.195.0.254' }),
  }),
  create({ Name: 'cf-pass', Driver: 'macvlan', Options: { parent: 'cfunder0', macvlan_mode: 'passthru' } }),
  post('/v1.51/containers/create?name=cf-m', {
    ...{ Image: 'busybox:latest', Cmd: ['sleep', '100'], Hostname: 'cf-m' },
    HostConfig: { NetworkMode: 'cf-mac', PortBindings: { '80/tcp': [{ HostPort: '18080' }] } },
    NetworkingConfig: {
      EndpointsConfig: { 'cf-mac': { IPAMConfig: { IPv4Address: '10.195.0.7' } } },
    },
  }),
  post('/v1.51/containers/cf-m/start'),
  get('/v1.51/containers/cf-m/json', { pick: ['NetworkSettings'] }),
  inspect('cf-mac'),
  del('/v1.51/networks/cf-mac'),
  del('/v1.51/containers/cf-m?force=1', { silent: true }),
  del('/v1.51/networks/cf-mac'),
  remove('cf-under'),
];

/** A container with such an endpoint; one that does not start has nothing to show. */
const endpoint = (settings: object, more: object = {}, starts = true): Step[] => [
  post('/v1.51/containers/create?name=cf-e', {
    ...{ Image: 'busybox:latest', Cmd: ['sleep', '100'], Hostname: 'cf-e', HostConfig: { NetworkMode: 'cf-ends' } },
    NetworkingConfig: { EndpointsConfig: { 'cf-ends': settings } },
    ...more,
  }),
  post('/v1.51/containers/cf-e/start'),
  ...(starts ? [get('/v1.51/containers/cf-e/json', { pick: ['NetworkSettings.Networks'] })] : []),
  del('/v1.51/containers/cf-e?force=1', { silent: true }),
];
const driverOption = (name: string, value: string) => ({
  DriverOpts: { [`com.docker.network.endpoint.${name}`]: value },
});
const address = (IPAMConfig: object) => ({ IPAMConfig });
const endpointSteps: Step[] = [
  create({
    Name: 'cf-ends',
    EnableIPv6: true,
    ...ipam({ Subnet: '10.196.0.0/24', IPRange: '10.196.0.128/25' }, { Subnet: 'fd00:196::/64' }),
  }),
  ...endpoint({}),
  ...endpoint(address({ IPv4Address: '10.196.0.9', IPv6Address: 'fd00:196::9' })),
  ...endpoint(address({ IPv4Address: '10.196.0.128' }), {}, false),
  ...endpoint(address({ IPv4Address: '10.196.0.0' }), {}, false),
  ...endpoint(address({ IPv4Address: '10.196.0.255' }), {}, false),
  ...endpoint(address({ IPv4Address: 'x' })),
  ...endpoint(address({ IPv6Address: 'x' })),
  ...endpoint(address({ IPv4Address: 'fd00:196::9' })),
  ...endpoint(address({ IPv6Address: '10.196.0.9' })),
  ...endpoint(address({ LinkLocalIPs: ['169.254.34.68'] })),
  ...endpoint(address({ LinkLocalIPs: ['x'] })),
  ...endpoint({ MacAddress: '02:42:0a:0b:0c:0d' }),
  ...endpoint({ MacAddress: 'x' }),
  ...endpoint({ MacAddress: '02:42:0a:0b:0c:0d' }, { MacAddress: '02:42:0a:0b:0c:0d' }),
  ...endpoint({ MacAddress: '02:42:0a:0b:0c:0d' }, { MacAddress: '02:42:0a:0b:0c:0e' }),
  ...endpoint({ GwPriority: 7, Aliases: ['one', 'two'] }),
  ...endpoint(driverOption('ifname', 'lan0')),
  ...endpoint(driverOption('ifname', 'this-name-is-too-long'), {}, false),
  ...endpoint(driverOption('ifname', 'a/b'), {}, false),
  ...endpoint(driverOption('ifname', '')),
  ...endpoint(driverOption('sysctls', 'net.ipv4.conf.IFNAME.log_martians=1')),
  ...endpoint(driverOption('sysctls', 'net.ipv4.conf.eth0.log_martians=1')),
  ...endpoint(driverOption('sysctls', 'net.ipv4.conf.IFNAME.nope=1'), {}, false),
  ...endpoint(driverOption('sysctls', 'x')),
  ...endpoint({ DriverOpts: { 'some.thing': 'else' } }),
  remove('cf-ends'),
];

const full = (name: string): Step[] => [
  post(`/v1.51/containers/create?name=${name}`, {
    ...{ Image: 'busybox:latest', Cmd: ['sleep', '100'], HostConfig: { NetworkMode: 'cf-tiny' } },
  }),
  post(`/v1.51/containers/${name}/start`),
];
/** One address for the bridge, one for a container, and no more. */
const exhaustedSteps: Step[] = [
  create({ Name: 'cf-tiny', ...ipam({ Subnet: '10.196.4.0/30' }) }),
  ...full('cf-t1'),
  ...full('cf-t2'),
  post('/v1.51/containers/create?name=cf-t3', { Image: 'busybox:latest', Cmd: ['sleep', '100'] }, { silent: true }),
  post('/v1.51/containers/cf-t3/start', undefined, { silent: true }),
  post('/v1.51/networks/cf-tiny/connect', { Container: 'cf-t3' }),
  inspect('cf-tiny'),
  del('/v1.51/containers/cf-t1?force=1', { silent: true }),
  post('/v1.51/containers/cf-t2/start'),
  ...['cf-t2', 'cf-t3'].map((name) => del(`/v1.51/containers/${name}?force=1`, { silent: true })),
  remove('cf-tiny'),
];

const listSteps: Step[] = [
  create({ Name: 'cf-la', Labels: { 'cf-l': 'a' } }),
  create({ Name: 'cf-lb', Labels: { 'cf-l': 'b', x: '' }, Internal: true }),
  ...[
    { label: ['cf-l'], name: ['cf-la'] },
    { label: ['cf-l=a'] },
    { label: ['cf-l', 'x'] },
    { label: ['nope'] },
    { name: ['cf-la'], type: ['custom'] },
    { name: ['cf-l'], type: ['builtin'] },
    { type: ['nope'] },
    { name: ['cf-lb'], scope: ['local'] },
    { scope: ['swarm'] },
    { scope: ['nope'] },
    { name: ['cf-la'], dangling: ['true'] },
    { name: ['cf-l'], dangling: ['false'] },
    { name: ['cf-la'], driver: ['bridge'] },
    { id: ['nope'] },
  ].map((filters) => get(`/v1.51/networks?filters=${encodeURIComponent(JSON.stringify(filters))}`)),
  get('/v1.51/networks?filters={'),
  get('/v1.51/networks/cf-la?verbose=true'),
  get('/v1.51/networks/cf-la?verbose=x'),
  get('/v1.51/networks/cf-la?scope=local'),
  get('/v1.51/networks/cf-la?scope=swarm'),
  get('/v1.51/networks/cf-la?scope=nope'),
  get('/v1.51/networks/nope?scope=local'),
  post('/v1.51/networks/prune?filters={"nope":["x"]}'),
  post('/v1.51/networks/prune?filters={"until":["x"]}'),
  post('/v1.51/networks/prune?filters={"label":["cf-l=a"]}'),
  post('/v1.51/networks/prune?filters={"label":["cf-l"]}'),
  post('/v1.51/networks/prune?filters={"label":["cf-l"]}'),
  post('/v1.51/networks/bridge/connect', '{'),
  post('/v1.51/networks/bridge/disconnect', '{'),
  post('/v1.51/networks/nope/disconnect', { Container: 'nope' }),
  post('/v1.51/networks/nope/disconnect', { Container: 'nope', Force: true }),
  post('/v1.51/networks/bridge/disconnect', { Container: 'nope', Force: true }),
];

export const networkOptionScenarios: Scenario[] = [
  { name: 'network-options', steps: optionSteps },
  { name: 'network-gateway-modes', steps: gatewaySteps },
  { name: 'network-config-only', steps: configSteps },
  { name: 'network-ipam', steps: ipamSteps },
  { name: 'network-vlan', steps: vlanSteps },
  { name: 'network-endpoints', steps: endpointSteps },
  { name: 'network-exhausted', steps: exhaustedSteps },
  { name: 'network-lists', steps: listSteps },
];
