import { del, get, post, type Scenario } from '../scenario.ts';

const create = (body: object) => post('/v1.51/networks/create', body);
const remove = (name: string) => del(`/v1.51/networks/${name}`);
const inspect = (name: string) => get(`/v1.51/networks/${name}`);
const pool = (config: object, more: object = {}) => create({ Name: 'cf-bad', IPAM: { Config: [config] }, ...more });
const option = (name: string, value: string) =>
  create({ Name: 'cf-bad', Options: { [`com.docker.network.${name}`]: value } });
const connect = (network: string, body: object) => post(`/v1.51/networks/${network}/connect`, body);
const disconnect = (network: string, body: object) => post(`/v1.51/networks/${network}/disconnect`, body);
const container = (name: string, mode: string, endpoints: object = {}) =>
  post(`/v1.51/containers/create?name=${name}`, {
    Image: 'busybox:latest',
    Cmd: ['sleep', '1000'],
    Hostname: 'host-of-it',
    HostConfig: { NetworkMode: mode },
    NetworkingConfig: { EndpointsConfig: endpoints },
  });
const start = (name: string) => post(`/v1.51/containers/${name}/start`);
const removeContainer = (name: string) => del(`/v1.51/containers/${name}?force=1`, { silent: true });
const details = (name: string) => get(`/v1.51/containers/${name}/json`);

export const networkScenarios: Scenario[] = [
  {
    name: 'network-life',
    steps: [
      create({ Name: 'cf-net' }),
      inspect('cf-net'),
      create({ Name: 'cf-net' }),
      create({
        ...{ Name: 'cf-full', Internal: true, Attachable: true, Labels: { a: 'b' } },
        Options: { 'com.docker.network.bridge.name': 'cfbridge0', 'com.docker.network.driver.mtu': '1400', foo: 'bar' },
        IPAM: {
          Options: { x: 'y' },
          Config: [
            {
              ...{ Subnet: '10.177.0.0/24', IPRange: '10.177.0.128/25', Gateway: '10.177.0.1' },
              AuxiliaryAddresses: { printer: '10.177.0.5' },
            },
          ],
        },
      }),
      inspect('cf-full'),
      option('bridge.name', 'cfbridge0'),
      pool({ Subnet: '10.177.0.0/25' }),
      create({ Name: 'cf-six', EnableIPv6: true, IPAM: { Config: [{ Subnet: 'fd12:3456::/64' }] } }),
      inspect('cf-six'),
      get('/v1.51/networks?filters={"label":["a=b"]}'),
      get('/v1.51/networks?filters={"name":["cf-"],"driver":["host"]}'),
      get('/v1.51/networks?filters={"nope":["x"]}'),
      get('/v1.51/networks?filters={"dangling":["maybe"]}'),
      ...['cf-full', 'cf-six', 'cf-net', 'cf-net', 'bridge', 'host', 'none'].map(remove),
      inspect('cf-net'),
    ],
  },
  {
    name: 'network-way-out',
    steps: [
      create({
        ...{ Name: 'cf-out', EnableIPv6: true },
        IPAM: {
          Config: [
            {
              Subnet: '10.177.1.0/24',
              AuxiliaryAddresses: { DefaultGatewayIPv4: '10.177.1.254', printer: '10.177.1.2' },
            },
            { Subnet: 'fd12:3457::/64', AuxiliaryAddresses: { DefaultGatewayIPv6: 'fd12:3457::5' } },
          ],
        },
      }),
      container('cf-c', 'cf-out'),
      start('cf-c'),
      details('cf-c'),
      inspect('cf-out'),
      removeContainer('cf-c'),
      remove('cf-out'),
      ...[
        { Subnet: '10.177.1.0/24', AuxiliaryAddresses: { DefaultGatewayIPv4: '10.177.1.254' } },
        { Subnet: '10.177.1.0/24', AuxiliaryAddresses: { DefaultGatewayIPv4: '10.177.2.254' } },
      ].map((config) => pool(config, { Internal: true })),
    ],
  },
  {
    name: 'network-refusals',
    steps: [
      ...['', ' ', 'host', 'bridge', 'none'].map((Name) => create({ Name })),
      ...['nope', 'host', 'null', 'overlay'].map((Driver) => create({ Name: 'cf-bad', Driver })),
      create({ Name: 'cf-bad', Scope: 'swarm' }),
      create({ Name: 'cf-bad', Ingress: true }),
      create({ Name: 'cf-bad', EnableIPv4: false }),
      create({ Name: 'cf-bad', IPAM: { Driver: 'nope' } }),
      pool({ Subnet: '10.178.0.5/24' }),
      pool({ Subnet: '10.178.0.0/24', Gateway: '10.179.0.1' }),
      pool({ Subnet: '10.178.0.0/24', Gateway: 'x' }),
      pool({ Subnet: '10.178.0.0/24', Gateway: 'fd00::1' }),
      pool({ Subnet: '10.178.0.0/24', IPRange: '10.179.0.0/25' }),
      pool({ Subnet: '10.178.0.0/24', IPRange: '10.178.0.0/16' }),
      pool({ Subnet: '10.178.0.0/24', IPRange: '10.178.0.3/25' }),
      pool({ Subnet: '10.178.0.0/24', IPRange: 'x' }),
      pool({ Subnet: '10.178.0.0/24', AuxiliaryAddresses: { a: '1.2.3.4' } }),
      pool({ Subnet: 'x' }),
      pool({ Gateway: '10.178.0.1' }),
      option('bridge.enable_icc', 'maybe'),
      option('bridge.enable_ip_masquerade', 'maybe'),
      option('driver.mtu', 'x'),
      post('/v1.51/networks/create', '{"Name": 5}'),
      post('/v1.51/networks/create', '{'),
    ],
  },
  {
    name: 'network-connect',
    steps: [
      create({ Name: 'cf-one', IPAM: { Config: [{ Subnet: '10.181.0.0/24' }] } }),
      create({ Name: 'cf-two', IPAM: { Config: [{ Subnet: '10.182.0.0/24' }] } }),
      container('cf-bad', 'cf-one', { 'cf-one': { IPAMConfig: { IPv4Address: '10.1.1.1' } } }),
      container('cf-bad', 'bridge', { bridge: { IPAMConfig: { IPv4Address: '10.1.1.1' } } }),
      container('cf-c', 'cf-one', { 'cf-one': { Aliases: ['al'], IPAMConfig: { IPv4Address: '10.181.0.77' } } }),
      details('cf-c'),
      start('cf-c'),
      details('cf-c'),
      inspect('cf-one'),
      remove('cf-one'),
      connect('cf-one', { Container: 'cf-c' }),
      connect('cf-two', { Container: 'cf-c', EndpointConfig: { IPAMConfig: { IPv4Address: '1.2.3.4' } } }),
      connect('cf-two', { Container: 'cf-c', EndpointConfig: { Aliases: ['zz'] } }),
      connect('bridge', { Container: 'cf-c', EndpointConfig: { IPAMConfig: { IPv4Address: '10.1.1.1' } } }),
      ...['host', 'none'].map((name) => connect(name, { Container: 'cf-c' })),
      details('cf-c'),
      ...['nope', ''].map((Container) => connect('cf-one', { Container })),
      connect('cf-nope', { Container: 'cf-c' }),
      disconnect('cf-two', { Container: 'cf-c' }),
      disconnect('cf-two', { Container: 'cf-c' }),
      disconnect('cf-two', { Container: 'cf-nope' }),
      disconnect('cf-one', { Container: 'cf-c', Force: true }),
      details('cf-c'),
      removeContainer('cf-c'),
      container('cf-h', 'host'),
      start('cf-h'),
      connect('cf-one', { Container: 'cf-h' }),
      disconnect('host', { Container: 'cf-h' }),
      removeContainer('cf-h'),
      ...['cf-one', 'cf-two'].map(remove),
    ],
  },
];
