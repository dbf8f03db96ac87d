import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { readBuilderSettings } from './builder-settings.ts';
import { daemonConfig, daemonEnvironment, type BuildSettings } from './daemon-config.ts';

const plain: BuildSettings = {
  builder: readBuilderSettings({}),
  ...{ insecureRegistries: [], registryMirrors: [], dns: [], dnsOptions: [], dnsSearch: [] },
  proxies: { httpProxy: '', httpsProxy: '', noProxy: '' },
};
const label = 'org.mobyproject.buildkit.worker.moby.host-gateway-ip';

const network = { config: '/run/net.conf', programs: '/programs' };
const net = { networkMode: 'cni', cniConfigPath: '/run/net.conf', cniBinaryPath: '/programs' };

const configOf = (settings: Partial<BuildSettings>, certificates: Array<[string, string[]]> = []) =>
  parse(
    daemonConfig(
      { ...plain, ...settings },
      { certificates: new Map(certificates), hostGateways: ['172.17.0.1'], network },
    ),
  );

describe('daemonConfig', () => {
  it('says what host-gateway is, and collects garbage', () => {
    expect(configOf({})).toEqual({
      'insecure-entitlements': ['network.host'],
      dns: { nameservers: [], options: [], searchDomains: [] },
      registry: {},
      worker: { containerd: { labels: { [label]: '172.17.0.1' }, ...net, gc: true } },
    });
  });

  it('knows registries by all that is said of them', () => {
    const { registry } = configOf(
      {
        insecureRegistries: ['plain.example:5000', 'http://other.example', '10.0.0.0/8'],
        registryMirrors: ['https://mirror.example/hub/', 'http://near.example:5000/'],
      },
      [['plain.example:5000', ['/etc/docker/certs.d/plain.example:5000']]],
    );
    expect(registry).toEqual({
      'plain.example:5000': { http: true, insecure: true, tlsconfigdir: ['/etc/docker/certs.d/plain.example:5000'] },
      'other.example': { http: true, insecure: true },
      'near.example:5000': { http: true },
      'docker.io': { mirrors: ['mirror.example/hub', 'near.example:5000'] },
    });
  });

  it('hands on how garbage is collected', () => {
    const gc = (given: object) => configOf({ builder: readBuilderSettings({ gc: given }) })['worker'];
    const labels = { [label]: '172.17.0.1' };
    expect(gc({ enabled: false })).toEqual({ containerd: { labels, ...net, gc: false } });
    expect(gc({ defaultKeepStorage: '1k', policy: [{ all: true, filter: ['until=1h', 'inuse=false'] }] })).toEqual({
      containerd: {
        ...{ labels, ...net, gc: true, reservedSpace: 1024 },
        gcpolicy: [{ all: true, filters: ['inuse==false'], keepDuration: 3600 }],
      },
    });
  });
});

it('gives buildkitd the proxies that are there', () => {
  const proxies = { httpProxy: 'http://p:1', httpsProxy: '', noProxy: 'local' };
  expect(daemonEnvironment({ proxies })).toEqual({ HTTP_PROXY: 'http://p:1', NO_PROXY: 'local' });
});
