import { request } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBuildKit, sampleImage, startBerth, type Berth } from '../../helpers/berth.ts';
import { registryProgram, startRealRegistry, type RealRegistry } from '../images/registry.ts';

const login = { user: 'somebody', password: 'secret' };

describe.skipIf(!hasBuildKit || !registryProgram)(
  'builds and registries (skipped where there is no BuildKit or no docker-registry)',
  () => {
    let berth: Berth;
    let secured: RealRegistry;
    let mirror: RealRegistry;

    beforeAll(async () => {
      [secured, mirror] = await Promise.all([startRealRegistry(login), startRealRegistry()]);
      const daemonJson = { 'registry-mirrors': [`http://${mirror.host}`] };
      berth = await startBerth('linux', { loadSample: false, daemonJson });
      await copyTo(mirror.host, 'library/mirrored:1');
      await copyTo(secured.host, 'private/base:1', ['--dest-creds', `${login.user}:${login.password}`]);
    });
    afterAll(async () => {
      await Promise.all([berth[Symbol.asyncDispose](), secured[Symbol.asyncDispose](), mirror[Symbol.asyncDispose]()]);
    });

    it('asks the mirror of daemon.json for an image of Docker’s', async () => {
      expect(await build('FROM mirrored:1\nRUN true')).toContain('Successfully built');
    });

    it('shows a registry the login that came with the build', async () => {
      const from = `FROM ${secured.host}/private/base:1\nRUN true`;
      const { user: username, password } = login;
      expect(await build(from)).toMatch(/"error":".*(?:authorization failed|no basic auth|401)/);
      expect(await build(from, { [secured.host]: { username, password: 'wrong' } })).toContain('"error":');
      expect(await build(from, { [secured.host]: { username, password } })).toContain('Successfully built');
    });

    async function build(dockerfile: string, logins: object = {}): Promise<string> {
      const context = pack();
      context.entry({ name: 'Dockerfile' }, dockerfile);
      context.finalize();
      const headers = {
        'Content-Type': 'application/x-tar',
        'X-Registry-Config': Buffer.from(JSON.stringify(logins)).toString('base64url'),
      };
      const outgoing = request({ socketPath: berth.socketPath, method: 'POST', path: '/v1.51/build', headers });
      outgoing.end(await buffer(context));
      const answer = Promise.withResolvers<string>();
      outgoing.once('response', (incoming) => text(incoming).then(answer.resolve, answer.reject));
      outgoing.once('error', answer.reject);
      return await answer.promise;
    }
  },
);

async function copyTo(host: string, name: string, credentials: string[] = []): Promise<void> {
  const copy = ['copy', '--insecure-policy', '--dest-tls-verify=false', ...credentials];
  await execa('skopeo', [...copy, `docker-archive:${sampleImage}`, `docker://${host}/${name}`]);
}
