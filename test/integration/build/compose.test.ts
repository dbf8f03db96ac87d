import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';
import { type DockerWithPlugins, hasPlugins, openDockerWithPlugins } from '../../helpers/docker-plugins.ts';

const project = {
  name: 'built',
  services: {
    plain: { build: './service', command: 'cat /which' },
    told: { build: { context: './service', args: { WHICH: 'told' } }, command: 'cat /which', depends_on: ['plain'] },
  },
};

describe.skipIf(!hasBuildKit || !hasPlugins)('docker compose (skipped where there is no BuildKit or plugin)', () => {
  let berth: Berth;
  let client: DockerWithPlugins;
  beforeAll(async () => {
    berth = await startBerth('linux');
    client = await openDockerWithPlugins(berth.dockerHost);
    await client.write({
      'compose.yaml': JSON.stringify(project),
      'service/Dockerfile': 'FROM busybox\nARG WHICH=plain\nRUN echo $WHICH > /which\n',
    });
  });
  afterAll(async () => {
    await client.docker('compose', 'down', '--rmi', 'local');
    await client[Symbol.asyncDispose]();
    await berth[Symbol.asyncDispose]();
  });

  async function compose(...args: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await client.docker('compose', ...args);
    expect(exitCode, stderr).toBe(0);
    return `${stderr}\n${stdout}`;
  }

  it('builds its services', async () => {
    await compose('build');
    const images = await client.docker('images', '--format', '{{.Repository}}', '--filter', 'reference=built-*');
    expect(images.stdout.split('\n').sort()).toEqual(['built-plain', 'built-told']);
  });

  it('builds what it is to start, and starts it', async () => {
    const said = await compose('up', '--build');
    expect(said).toMatch(/plain-1\s+\| plain$/m);
    expect(said).toMatch(/told-1\s+\| told$/m);
    await compose('down', '--rmi', 'local');
    expect((await client.docker('images', '-q', '--filter', 'reference=built-*')).stdout).toBe('');
  });
});
