import { del, get, post, type Scenario, type Step } from '../scenario.ts';

const container = '/v1.51/containers/cf-logs';
const json = { Image: 'busybox:latest', Cmd: ['sh', '-c', 'echo one; echo two >&2; printf three'] };
const remove = del(`${container}?force=1`, { silent: true });
const create = (type: string, config: Record<string, string>): Step =>
  post('/v1.51/containers/create?name=cf-logs', { ...json, HostConfig: { LogConfig: { Type: type, Config: config } } });
const silent = (step: Step): Step => ({ ...step, silent: true });
const logs = (query: string): Step => get(`${container}/logs?${query}`);
const start = post(`${container}/start`);

const refused: Array<[string, Record<string, string>]> = [
  ['syslog', { 'syslog-address': 'foo://x' }],
  ['syslog', { 'syslog-address': 'unix:///nope' }],
  ['syslog', { 'syslog-address': '://x' }],
  ['syslog', { 'syslog-address': 'tcp://a:b:c' }],
  ['syslog', { 'syslog-facility': 'x' }],
  ['syslog', { 'syslog-format': 'x' }],
  ['syslog', { foo: 'x' }],
  ['syslog', { 'cache-disabled': 'x' }],
  ['syslog', { 'max-buffer-size': '1m' }],
  ['syslog', { mode: 'x' }],
  ['fluentd', { 'fluentd-address': 'unix:///' }],
  ['fluentd', { 'fluentd-address': 'foo://x' }],
  ['fluentd', { 'fluentd-address': 'tcp://x/y' }],
  ['fluentd', { 'fluentd-address': 'x:99999' }],
  ['fluentd', { 'fluentd-address': 'x:abc' }],
  ['fluentd', { 'fluentd-retry-wait': 'x' }],
  ['fluentd', { 'fluentd-max-retries': 'x' }],
  ['fluentd', { 'fluentd-async': 'x' }],
  ['fluentd', { 'fluentd-buffer-limit': 'x' }],
  ['fluentd', { 'fluentd-write-timeout': 'x' }],
  ['fluentd', { 'fluentd-write-timeout': '-1s' }],
  ['fluentd', { 'fluentd-async-reconnect-interval': '1ms' }],
  ['fluentd', { foo: 'x' }],
  ['gelf', {}],
  ['gelf', { 'gelf-address': 'x' }],
  ['gelf', { 'gelf-address': 'http://x:1' }],
  ['gelf', { 'gelf-address': 'udp://x' }],
  ['gelf', { 'gelf-address': 'udp://127.0.0.1:9', 'gelf-compression-type': 'x' }],
  ['gelf', { 'gelf-address': 'udp://127.0.0.1:9', 'gelf-compression-level': '10' }],
  ['gelf', { 'gelf-address': 'tcp://127.0.0.1:9', 'gelf-compression-level': '1' }],
  ['gelf', { 'gelf-address': 'udp://127.0.0.1:9', 'gelf-tcp-max-reconnect': '1' }],
  ['gelf', { 'gelf-address': 'udp://127.0.0.1:9', foo: 'x' }],
  ['journald', { foo: 'x' }],
];

const failing: Array<[string, Record<string, string>]> = [
  ['syslog', { 'syslog-address': 'tcp://127.0.0.1:1' }],
  ['syslog', { 'syslog-address': 'tcp://127.0.0.1:99999' }],
  ['syslog', { 'syslog-address': 'tcp+tls://127.0.0.1:1', 'syslog-tls-ca-cert': '/nope' }],
  ['syslog', { 'syslog-address': 'udp://127.0.0.1:9', tag: '{{.Foo}}' }],
  ['syslog', { 'syslog-address': 'udp://127.0.0.1:9', tag: '{{.Name' }],
  ['syslog', { 'syslog-address': 'udp://127.0.0.1:9', tag: '{{foo .Name}}' }],
  ['fluentd', { 'fluentd-address': '127.0.0.1:1' }],
  ['gelf', { 'gelf-address': 'tcp://127.0.0.1:1' }],
  ['journald', {}],
];

const written = [silent(create('json-file', {})), silent(start), silent(post(`${container}/wait`))];

export const logScenarios: Scenario[] = [
  { name: 'log-options-refused', steps: refused.map(([type, config]) => create(type, config)) },
  {
    name: 'log-drivers-failing',
    steps: failing.flatMap(([type, config]) => [silent(create(type, config)), start, remove]),
  },
  {
    name: 'log-parameters',
    steps: [
      ...written,
      logs(''),
      logs('stdout=0&stderr=0'),
      logs('stdout=1'),
      logs('stderr=1'),
      logs('stdout=1&stderr=1&tail=1'),
      logs('stdout=1&tail=0'),
      logs('stdout=1&tail=x'),
      logs('stdout=1&tail=-5'),
      logs('stdout=1&tail=all'),
      logs('stdout=1&since=abc'),
      logs('stdout=1&until=abc'),
      logs('stdout=1&since=1.x'),
      logs('stdout=1&since=1.5'),
      logs('stdout=1&since=99999999999'),
      logs('stdout=1&until=1'),
      logs('stdout=1&until=0'),
      logs('stdout=1&follow=1'),
      logs('stdout=1&details=1'),
      get('/v1.51/containers/cf-nobody/logs?stdout=1'),
      get('/v1.51/containers/cf-nobody/logs'),
      remove,
      silent(create('none', {})),
      logs('stdout=1'),
      remove,
      silent(create('syslog', { 'syslog-address': 'udp://127.0.0.1:9', 'cache-disabled': 'true' })),
      silent(start),
      logs('stdout=1'),
      remove,
      silent(create('gelf', { 'gelf-address': 'udp://127.0.0.1:9' })),
      silent(start),
      silent(post(`${container}/wait`)),
      logs('stdout=1'),
      remove,
    ],
  },
  {
    name: 'attach-refused',
    steps: [
      post('/v1.51/containers/cf-nobody/attach?stream=1&stdout=1'),
      ...written,
      post(`${container}/attach?stream=1&stdout=1&detachKeys=zzz`),
      post(`${container}/attach?logs=1&stdout=1`),
      remove,
    ],
  },
];
