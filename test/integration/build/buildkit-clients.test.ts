import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleImage, startBerth, type Berth } from '../../helpers/berth.ts';

const buildctl = path.join(path.dirname(sampleImage), 'programs/buildctl');
const hasBuildKit = await access(buildctl).then(
  () => true,
  () => false,
);

let berth: Berth;
let scratch: string;
let bridge: net.Server;

/** BuildKit's own client knows nothing of Docker's upgrade: each of its connections is upgraded here. */
function openBridge(socketPath: string): net.Server {
  return net.createServer((client) => {
    client.pause();
    const headers = { Connection: 'Upgrade', Upgrade: 'h2c' };
    const outgoing = request({ socketPath, method: 'POST', path: '/grpc', headers });
    outgoing.on('error', () => client.destroy()).on('response', () => client.destroy());
    outgoing.on('upgrade', (_answer, engine: Duplex, head: Buffer) => {
      if (head.length > 0) client.write(head);
      engine.on('error', () => client.destroy());
      client.on('error', () => engine.destroy());
      client.pipe(engine).pipe(client);
    });
    outgoing.end();
  });
}

async function contextOf(dockerfile: string): Promise<string> {
  const folder = await mkdtemp(path.join(scratch, 'context-'));
  await writeFile(path.join(folder, 'Dockerfile'), dockerfile);
  return folder;
}

describe.skipIf(!hasBuildKit)("BuildKit's clients (skipped where scripts/setup could not build BuildKit)", () => {
  beforeAll(async () => {
    scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-grpc-'));
    berth = await startBerth('linux');
    bridge = openBridge(berth.socketPath);
    await new Promise<void>((resolve) => bridge.listen(path.join(scratch, 'bridge.sock'), resolve));
  });
  afterAll(async () => {
    bridge.close();
    await berth[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true, force: true });
  });

  const client = (...args: string[]) =>
    execa(buildctl, ['--addr', `unix://${path.join(scratch, 'bridge.sock')}`, ...args], { reject: false });
  const build = (folder: string, ...args: string[]) =>
    client(
      ...['build', '--frontend', 'dockerfile.v0', '--local', `context=${folder}`, '--local', `dockerfile=${folder}`],
      ...['--opt', 'image-resolve-mode=local', ...args],
    );

  it("have the engine's image store for an exporter", async () => {
    const since = String(Math.floor(Date.now() / 1000));
    const folder = await contextOf('FROM busybox\nCOPY Dockerfile /d\nCMD cat /d\n');
    const { exitCode, stderr } = await build(folder, '--output', 'type=moby,name=exported');
    expect(stderr).toContain('naming to docker.io/library/exported:latest');
    expect(exitCode).toBe(0);
    expect((await berth.docker(['run', '--rm', 'exported'])).stdout).toContain('FROM busybox');
    const until = String(Math.floor(Date.now() / 1000) + 1);
    const events = await berth.docker([
      ...['events', '--since', since, '--until', until, '--filter', 'type=image', '--format'],
      '{{.Action}} {{.Actor.Attributes.name}}',
    ]);
    expect(events.stdout).toContain('tag exported:latest');
  });

  it('get their files back', async () => {
    const folder = await contextOf('FROM busybox\nRUN head -c 3000000 /dev/zero > /zeros\n');
    const target = path.join(scratch, 'out');
    await mkdir(target);
    const { exitCode } = await build(folder, '--output', `type=local,dest=${target}`);
    expect(exitCode).toBe(0);
    expect((await execa('stat', ['-c', '%s', path.join(target, 'zeros')])).stdout).toBe('3000000');
  });

  it("read BuildKit's errors", async () => {
    const failed = await build(await contextOf('FROM busybox\nRUN exit 7\n'));
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain('process "/bin/sh -c exit 7" did not complete successfully: exit code: 7');
    const malformed = await build(await contextOf('FROM busybox\n'), '--output', 'type=moby,name=NOT-A-NAME');
    expect(malformed.exitCode).toBe(1);
    expect(malformed.stderr).toContain('invalid reference format');
  });

  it('are refused without the upgrade', async () => {
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const outgoing = request({ socketPath: berth.socketPath, method: 'POST', path: '/grpc' }, (incoming) => {
        let body = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode, body }));
      });
      outgoing.on('error', reject).end();
    });
    expect(answer).toEqual({ status: 500, body: expect.stringContaining('no upgrade proto in request') });
  });
});
