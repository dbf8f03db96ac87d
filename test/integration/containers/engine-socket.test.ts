import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

const client = (await execa('sh', ['-c', 'readlink -f "$(command -v docker)"'])).stdout;
const isStatic = (await execa('ldd', [client], { reject: false })).exitCode !== 0;

/** Ryuk and its like: a container that drives the engine that it runs on. */
describe.skipIf(!isStatic)(
  'the engine’s socket in a container (skipped where the docker CLI is no static program)',
  () => {
    let berth: Berth;
    beforeAll(async () => {
      berth = await startBerth('linux');
    });
    afterAll(() => berth[Symbol.asyncDispose]());

    const ask = (mount: string[]) =>
      berth.docker([
        ...['run', '--rm', '-v', `${client}:/bin/docker:ro`, ...mount, 'busybox'],
        ...['docker', '-H', 'unix:///asked.sock', 'info', '--format', '{{.ID}}'],
      ]);

    test('is meant by every name that clients have for it', async () => {
      const { stdout: id } = await berth.docker(['info', '--format', '{{.ID}}']);
      for (const source of ['/var/run/docker.sock', '//var/run/docker.sock', berth.socketPath]) {
        expect((await ask(['-v', `${source}:/asked.sock`])).stdout, source).toBe(id);
      }
      const mount = `type=bind,source=/var/run/docker.sock,target=/asked.sock`;
      expect((await ask(['--mount', mount])).stdout).toBe(id);
    });

    test('keeps the name that it was given', async () => {
      const socket = '/var/run/docker.sock';
      await berth.docker(['create', '--name', 'named', '-v', `${socket}:${socket}`, 'busybox']);
      const { stdout } = await berth.docker(['inspect', '-f', '{{json .Mounts}} {{json .HostConfig.Binds}}', 'named']);
      expect(stdout).toContain(`"Source":"${socket}"`);
      expect(stdout).toContain(`["${socket}:${socket}"]`);
    });
  },
);
