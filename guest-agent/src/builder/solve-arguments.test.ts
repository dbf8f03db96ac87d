import { describe, expect, it } from 'vitest';
import type { BuildRequest } from './build-request.ts';
import { solveArguments } from './solve-arguments.ts';

const plain: BuildRequest = {
  ...{ tags: [], dockerfile: 'Dockerfile', remote: '', quiet: false, noCache: false, pull: false, target: '' },
  ...{ buildArgs: {}, labels: {}, platform: '', network: 'host', extraHosts: [], shmBytes: 0, ulimits: [] },
  ...{ cgroupParent: '', cacheFrom: [], buildId: '', credentials: {} },
};

const argumentsFor = (request: Partial<BuildRequest>, context: string | null = '/c') =>
  solveArguments('unix:///s', { ...plain, ...request }, { context, metadata: '/m' });
const optionsFor = (request: Partial<BuildRequest>) =>
  argumentsFor(request).filter((_, index, all) => all[index - 1] === '--opt');

describe('solveArguments', () => {
  it('takes a plain build from its folder, with images that are there', () => {
    expect(argumentsFor({})).toEqual([
      ...['--addr', 'unix:///s', 'build', '--progress', 'rawjson', '--frontend', 'dockerfile.v0'],
      ...['--local', 'context=/c', '--local', 'dockerfile=/c'],
      ...['--output', 'type=image,dangling-name-prefix=moby-dangling,unpack=true', '--metadata-file', '/m'],
      ...['--opt', 'filename=Dockerfile', '--opt', 'image-resolve-mode=local'],
    ]);
  });

  it('leaves a remote context to BuildKit', () => {
    const args = argumentsFor({ remote: 'https://example.com/x.git#main' }, null);
    expect(args).toContain('context=https://example.com/x.git#main');
    expect(args).not.toContain('--local');
  });

  it('hands every parameter on', () => {
    const options = optionsFor({
      ...{ dockerfile: 'sub/Other', pull: true, target: 'base', platform: 'linux/arm64', network: 'none' },
      extraHosts: ['one:10.0.0.1', 'six:[fe80::1]', 'plain=::1'],
      ...{ shmBytes: 1024, cgroupParent: '/limits' },
      ulimits: [
        { Name: 'nofile', Soft: 10, Hard: 20 },
        { Name: 'nproc', Soft: 5, Hard: 5 },
      ],
      ...{ buildArgs: { A: 'b=c', EMPTY: '' }, labels: { 'x.y': 'z, "q"' } },
    });
    expect(options).toEqual([
      ...['filename=sub/Other', 'image-resolve-mode=pull', 'target=base', 'platform=linux/arm64'],
      ...['force-network-mode=none', 'add-hosts=one=10.0.0.1,six=fe80::1,plain=::1', 'shm-size=1024'],
      ...['ulimit=nofile=10:20,nproc=5:5', 'cgroup-parent=/limits'],
      ...['build-arg:A=b=c', 'build-arg:EMPTY=', 'label:x.y=z, "q"'],
    ]);
  });

  it('names caches and switches the own one off', () => {
    const args = argumentsFor({ cacheFrom: ['host/a:1', 'host/b'], noCache: true });
    expect(args.slice(-5)).toEqual([
      ...['--import-cache', 'type=registry,ref=host/a:1', '--import-cache', 'type=registry,ref=host/b', '--no-cache'],
    ]);
  });
});
