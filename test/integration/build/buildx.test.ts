import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';
import { type DockerWithPlugins, hasPlugins, openDockerWithPlugins } from '../../helpers/docker-plugins.ts';
import { registryProgram, startRealRegistry, type RealRegistry } from '../images/registry.ts';

const everything = [
  'FROM busybox AS base',
  'RUN --mount=type=secret,id=word cat /run/secrets/word > /out',
  'RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK" && echo " ssh" >> /out',
  'RUN --mount=type=cache,target=/cache echo x >> /cache/n && wc -l < /cache/n >> /out',
  'RUN <<END\necho heredoc >> /out\necho to stderr >&2\nEND',
  'COPY <<-FILE /out-of-a-heredoc\n\tinner\nFILE',
  'FROM base AS last',
  'CMD ["cat", "/out", "/out-of-a-heredoc"]',
];

const files: Record<string, string> = {
  'everything/Dockerfile': everything.join('\n'),
  word: 'hush',
  'key.pem': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  }) as string,
  'simple/Dockerfile': 'FROM busybox\nRUN echo simple > /file\nCMD cat /file\n',
  'contexts/Dockerfile': 'FROM img\nCOPY --from=other there /\nCMD cat /file /there\n',
  'other/there': 'there\n',
  'platforms/Dockerfile': 'FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /${TARGETARCH}\n',
  'fails/Dockerfile': 'FROM busybox\nRUN echo last words; exit 7\n',
  'matrix/Dockerfile': 'FROM busybox\nARG WHICH\nRUN echo $WHICH > /which\n',
  'docker-bake.hcl': `
    group "default" { targets = ["each"] }
    target "each" {
      name = "each-\${which}"
      matrix = { which = ["a", "b"] }
      context = "matrix"
      args = { WHICH = which }
      tags = ["bake:\${which}"]
    }`,
};

describe.skipIf(!hasBuildKit || !hasPlugins || !registryProgram)(
  'docker buildx (skipped where there is no BuildKit, plugin or docker-registry)',
  () => {
    let berth: Berth;
    let client: DockerWithPlugins;
    let registry: RealRegistry;
    beforeAll(async () => {
      [berth, registry] = await Promise.all([startBerth('linux'), startRealRegistry()]);
      client = await openDockerWithPlugins(berth.dockerHost);
      await client.write(files);
    });
    afterAll(async () => {
      await client[Symbol.asyncDispose]();
      await Promise.all([berth[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()]);
    });

    /** What it says, which is progress on stderr and answers on stdout; a command that fails fails the test. */
    async function buildx(...args: string[]): Promise<string> {
      const { stdout, stderr, exitCode } = await client.docker('buildx', ...args);
      expect(exitCode, stderr).toBe(0);
      return `${stderr}\n${stdout}`;
    }
    const build = (...args: string[]) => buildx('build', '--progress', 'plain', ...args);
    const inFolder = (name: string) => path.join(client.folder, name);
    const stdoutOf = async (...args: string[]) => (await client.docker(...args)).stdout;
    const entriesOf = async (archive: string) => (await execa('tar', ['tf', inFolder(archive)])).stdout.split('\n');

    it('has secrets, ssh, cache mounts and heredocs, and says what it does', async () => {
      const mounts = ['--secret', 'id=word,src=word', '--ssh', 'default=key.pem'];
      const first = await build(...mounts, '-t', 'everything', 'everything');
      expect(first).toMatch(/^#1 \[internal\] load build definition from Dockerfile$/m);
      expect(first).toMatch(/^#\d+ [\d.]+ to stderr$/m);
      expect(first).toMatch(/naming to docker\.io\/library\/everything:latest/);
      expect(await stdoutOf('run', '--rm', 'everything')).toBe('hush ssh\n1\nheredoc\ninner');
      expect(await build(...mounts, '-t', 'everything', 'everything')).toMatch(/^#\d+ CACHED$/m);
    });

    it('takes contexts by name: a folder, an image, an OCI layout', async () => {
      await build('-t', 'simple', 'simple');
      const other = ['--build-context', 'other=other'];
      await build(...other, '--build-context', 'img=docker-image://simple', '-t', 'from-image', 'contexts');
      expect(await stdoutOf('run', '--rm', 'from-image')).toBe('simple\nthere');
      await build('-o', 'type=oci,dest=layout,tar=false', 'simple');
      await build(...other, '--build-context', 'img=oci-layout://layout', '-t', 'from-layout', 'contexts');
      expect(await stdoutOf('run', '--rm', 'from-layout')).toBe('simple\nthere');
    });

    it('builds for several platforms at once', async () => {
      await build('--platform', 'linux/amd64,linux/arm64', '-t', 'platforms', 'platforms');
      const inspected = await stdoutOf('buildx', 'build', '-q', '--platform', 'linux/arm64', 'platforms');
      expect(inspected).toMatch(/^sha256:/);
      for (const architecture of ['amd64', 'arm64']) {
        const format = ['-f', '{{.Architecture}}', '--platform', `linux/${architecture}`];
        expect(await stdoutOf('image', 'inspect', ...format, 'platforms')).toBe(architecture);
      }
    });

    it('loads and pushes', async () => {
      await build('--load', '-t', 'loaded', 'simple');
      expect(await stdoutOf('run', '--rm', 'loaded')).toBe('simple');
      const name = `${registry.host}/pushed:1`;
      expect(await build('--push', '-t', name, 'simple')).toContain(`pushing manifest for ${name}`);
      await client.docker('rmi', '-f', name);
      expect((await client.docker('pull', '-q', name)).stdout).toBe(name);
      expect(await stdoutOf('run', '--rm', name)).toBe('simple');
      expect(await buildx('imagetools', 'inspect', name)).toContain('attestation-manifest');
    });

    it('puts results where they are wanted', async () => {
      await build('-o', 'type=local,dest=files', 'simple');
      expect(readFileSync(inFolder('files/file'), 'utf8')).toBe('simple\n');
      await build('-o', 'type=tar,dest=files.tar', 'simple');
      expect(await entriesOf('files.tar')).toContain('file');
      await build('-o', 'type=oci,dest=oci.tar', 'simple');
      expect(await entriesOf('oci.tar')).toContain('oci-layout');
      await build('-o', 'type=docker,dest=docker.tar,name=archived:1', 'simple');
      expect((await client.docker('load', '-i', 'docker.tar')).stdout).toBe('Loaded image: archived:1');
      await build('-o', `type=registry,name=${registry.host}/exported:1`, 'simple');
      expect((await client.docker('pull', '-q', `${registry.host}/exported:1`)).exitCode).toBe(0);
    });

    it('keeps its cache in images, registries and folders, and takes it from there', async () => {
      const inline = `${registry.host}/inline:1`;
      const cache = `${registry.host}/cache:1`;
      await build('--cache-to', 'type=inline', '--push', '-t', inline, 'simple');
      await build('--cache-to', `type=registry,ref=${cache},mode=max`, 'simple');
      await build('--cache-to', 'type=local,dest=cache', 'simple');
      expect(existsSync(inFolder('cache/index.json'))).toBe(true);
      for (const source of [`type=registry,ref=${inline}`, `type=registry,ref=${cache}`, 'type=local,src=cache']) {
        await buildx('prune', '--all', '--force');
        expect(await build('--cache-from', source, '-t', 'from-cache', 'simple'), source).toMatch(/^#\d+ CACHED$/m);
        expect(await stdoutOf('run', '--rm', 'from-cache')).toBe('simple');
      }
    });

    it('tells what was made, and how', async () => {
      const told = ['--metadata-file', 'metadata.json', '--iidfile', 'id', '--provenance', 'mode=max'];
      await build(...told, '-t', 'told', 'simple');
      const metadata = JSON.parse(readFileSync(inFolder('metadata.json'), 'utf8')) as Record<string, unknown>;
      const id = readFileSync(inFolder('id'), 'utf8');
      expect(metadata['containerimage.digest']).toBe(id);
      expect(metadata).toHaveProperty('buildx.build.provenance');
      expect(await stdoutOf('images', '-q', '--no-trunc', 'told')).toBe(id);
      await build('--provenance', 'true', '-o', 'type=local,dest=proven', 'simple');
      expect(existsSync(inFolder('proven/provenance.json'))).toBe(true);
    });

    it('ends as the step that fails', async () => {
      const { exitCode, stderr } = await client.docker('buildx', 'build', '--progress', 'plain', 'fails');
      expect(exitCode).toBe(1);
      expect(stderr).toContain('last words');
      expect(stderr).toContain(
        'process "/bin/sh -c echo last words; exit 7" did not complete successfully: exit code: 7',
      );
    });

    it('is the builder that buildx finds, with its cache', async () => {
      const inspected = await buildx('inspect');
      expect(inspected).toMatch(/^Driver:\s+docker$/m);
      expect(inspected).toMatch(/^ org\.mobyproject\.buildkit\.worker\.containerd\.namespace: moby$/m);
      expect(inspected).toMatch(/^Status:\s+running$/m);
      await build('--no-cache', 'simple');
      expect(await buildx('du')).toMatch(/^Total:\s+\S+B$/m);
      expect(await buildx('prune', '--all', '--force')).toMatch(/^Total:\s+\S+B$/m);
      expect(await buildx('du')).toMatch(/^Total:\s+0B$/m);
    });

    it('remembers builds', async () => {
      await build('--no-cache', 'simple');
      await client.docker('buildx', 'build', 'fails');
      const [failed, done] = (await stdoutOf('buildx', 'history', 'ls', '--format', '{{.Ref}} {{.Status}}')).split(
        '\n',
      );
      expect(failed).toMatch(/ Error$/);
      expect(done).toMatch(/ Completed$/);
      const reference = path.basename(failed?.split(' ')[0] ?? '');
      expect(await buildx('history', 'inspect', reference)).toMatch(/^Error:/m);
      expect(await buildx('history', 'logs', '--progress', 'plain', reference)).toContain('last words');
      await buildx('history', 'rm', '--all');
      expect(await stdoutOf('buildx', 'history', 'ls', '--format', '{{.Ref}}')).toBe('');
    });

    it('bakes a matrix', async () => {
      await buildx('bake', '--progress', 'plain');
      for (const which of ['a', 'b']) {
        expect(await stdoutOf('run', '--rm', `bake:${which}`, 'cat', '/which')).toBe(which);
      }
    });
  },
);
