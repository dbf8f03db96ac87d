import { describe, expect, it } from 'vitest';
import { limitNames, type BuildRequest } from './build-request.ts';
import { solveRequest } from './solve-request.ts';

const plain: BuildRequest = {
  ...{ version: 1, session: '', output: null },
  ...{ tags: [], dockerfile: 'Dockerfile', remote: '', quiet: false, noCache: false, pull: false, target: '' },
  ...{ buildArgs: {}, labels: {}, platform: '', network: 'default', extraHosts: [], shmBytes: 0, ulimits: [] },
  ...{ cgroupParent: '', cacheFrom: [], buildId: '', credentials: {} },
  limits: Object.fromEntries(limitNames.map((name) => [name, ''])) as BuildRequest['limits'],
};
const options = { reference: 'r', session: 's', context: { address: 'http://127.0.0.1/c' }, hostname: '' };

const attributesFor = (request: Partial<BuildRequest>) => solveRequest({ ...plain, ...request }, options).FrontendAttrs;

describe('solveRequest', () => {
  it('takes a plain build with images that are there, and keeps the result without a name', () => {
    expect(solveRequest(plain, options)).toEqual({
      ...{ Ref: 'r', Session: 's', Frontend: 'dockerfile.v0', Cache: { Imports: [] } },
      FrontendAttrs: { context: 'http://127.0.0.1/c', filename: 'Dockerfile', 'image-resolve-mode': 'local' },
      Entitlements: [],
      Exporters: [{ Type: 'image', Attrs: { 'dangling-name-prefix': 'moby-dangling', unpack: 'true' } }],
    });
  });

  it('hands every parameter on', () => {
    const attributes = attributesFor({
      ...{ dockerfile: 'sub/Other', pull: true, target: 'base', platform: 'linux/arm64', network: 'none' },
      extraHosts: ['one:10.0.0.1', 'six:[fe80::1]', 'plain=::1'],
      ...{ shmBytes: 1024, cgroupParent: '/limits', noCache: true },
      limits: { ...plain.limits, memory: '64', cpusetcpus: '0-1' },
      ulimits: [
        { Name: 'nofile', Soft: 10, Hard: 20 },
        { Name: 'nproc', Soft: 5, Hard: 5 },
      ],
      ...{ buildArgs: { A: 'b=c', EMPTY: '' }, labels: { 'x.y': 'z, "q"' } },
    });
    expect(attributes).toEqual({
      context: 'http://127.0.0.1/c',
      ...{ filename: 'sub/Other', 'image-resolve-mode': 'pull', target: 'base', platform: 'linux/arm64' },
      ...{ 'force-network-mode': 'none', 'add-hosts': 'one=10.0.0.1,six=fe80::1,plain=::1', 'shm-size': '1024' },
      ...{ ulimit: 'nofile=10:20,nproc=5:5', 'cgroup-parent': '/limits', 'no-cache': '' },
      ...{ memory: '64', cpusetcpus: '0-1' },
      ...{ 'build-arg:A': 'b=c', 'build-arg:EMPTY': '', 'label:x.y': 'z, "q"' },
    });
  });

  it('sends the result elsewhere, and asks the session for the context', () => {
    const output = { type: 'local', attributes: { a: 'b' } };
    const request = solveRequest({ ...plain, version: 2, output }, { ...options, context: { session: '' } });
    expect(request.Exporters).toEqual([{ Type: 'local', Attrs: { a: 'b' } }]);
    expect(request.FrontendAttrs).not.toHaveProperty('context');
  });

  it('asks another session for the context', () => {
    const { FrontendAttrs } = solveRequest(plain, { ...options, context: { session: 'files' } });
    expect(FrontendAttrs).toMatchObject({ 'local-sessionid:context': 'files', 'local-sessionid:dockerfile': 'files' });
    expect(FrontendAttrs).not.toHaveProperty('context');
  });

  it('asks for the network of the machine, or by name for another', () => {
    const host = solveRequest({ ...plain, network: 'host' }, options);
    expect(host).toMatchObject({ FrontendAttrs: { 'force-network-mode': 'host' }, Entitlements: ['network.host'] });
    const own = solveRequest({ ...plain, network: 'mine' }, { ...options, hostname: 'abc' });
    expect(own.FrontendAttrs).toMatchObject({ hostname: 'abc' });
    expect(own.FrontendAttrs).not.toHaveProperty('force-network-mode');
  });

  it('names caches', () => {
    const { Cache } = solveRequest({ ...plain, cacheFrom: ['host/a:1'] }, options);
    expect(Cache).toEqual({ Imports: [{ Type: 'registry', Attrs: { ref: 'host/a:1' } }] });
  });
});
