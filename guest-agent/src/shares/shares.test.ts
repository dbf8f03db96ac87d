import { duplexPair, type Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { InvalidParameterError, UnavailableError } from '../api/errors.ts';
import {
  answerType,
  attributes,
  packet,
  PacketReader,
  packetsIn,
  requestType,
  status,
  text,
  uint32,
} from '../api/sftp/index.ts';
import type { HostServices } from '../api/guest/protocol.ts';
import { HostPaths } from '../containers/host-paths.ts';
import { connectFiles } from './connect-files.ts';
import { FileStreams } from './file-streams.ts';
import { HostSources } from './host-sources.ts';
import { SftpConnection } from './sftp-connection.ts';

const lstat = (path: string) => [requestType.lstat, text(path)] as const;

/** A connection and the servers that the test plays. */
function connected() {
  const servers: Duplex[] = [];
  const waiting: (() => void)[] = [];
  let isClosed = false;
  const connect = async () => {
    if (isClosed) throw new Error('no server');
    const [near, far] = duplexPair();
    servers.push(far);
    waiting.shift()?.();
    return near;
  };
  const server = async (index: number) => {
    while (servers.length <= index) await new Promise<void>((resolve) => waiting.push(resolve));
    const stream = servers[index] as Duplex;
    return { stream, packets: packetsIn(stream) };
  };
  return { connection: new SftpConnection({ connect }), server, close: (closed: boolean) => (isClosed = closed) };
}

const next = async (packets: AsyncGenerator<Buffer>) => new PacketReader((await packets.next()).value as Buffer);

/** What a request asks for: its id, and its path. */
async function asked(packets: AsyncGenerator<Buffer>): Promise<{ type: number; id: number; path: string }> {
  const fields = await next(packets);
  return { type: fields.uint8(), id: fields.uint32(), path: fields.text() };
}

const stated = (id: number, code: number, message = '') =>
  packet(answerType.status, uint32(id), uint32(code), text(message), text(''));
const size = (id: number, bytes: number) => packet(answerType.attrs, uint32(id), attributes({ size: bytes }));

test('the next server gets what the one before has not answered, and who asks sees one server', async () => {
  const { connection, server } = connected();
  const [one, two] = [connection.ask(...lstat('/one')), connection.ask(...lstat('/two'))];
  const first = await server(0);
  expect((await next(first.packets)).uint8()).toBe(requestType.init);
  const { id } = await asked(first.packets);
  await asked(first.packets);
  first.stream.write(Buffer.concat([packet(requestType.init + 1, uint32(3)), size(id, 1)]));
  expect((await one).fields.attributes()).toEqual({ size: 1 });
  first.stream.destroy();
  const second = await server(1);
  expect((await next(second.packets)).uint8()).toBe(requestType.init);
  const again = await asked(second.packets);
  expect(again).toMatchObject({ type: requestType.lstat, path: '/two' });
  second.stream.write(size(again.id, 2));
  expect((await two).fields.attributes()).toEqual({ size: 2 });
  connection[Symbol.dispose]();
});

test('what a server did before it went is not done a second time, and is no error then', async () => {
  const { connection, server } = connected();
  const removed = connection.ask(requestType.remove, text('/f'));
  (await server(0)).stream.destroy();
  const second = await server(1);
  await next(second.packets);
  second.stream.write(stated((await asked(second.packets)).id, status.system, 'ENOENT'));
  await removed;
  const missing = connection.ask(requestType.remove, text('/g'));
  second.stream.write(stated((await asked(second.packets)).id, status.system, 'ENOENT'));
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT' });
  connection[Symbol.dispose]();
});

test('without a server requests fail, and the next one looks for it again', async () => {
  const { connection, server, close } = connected();
  close(true);
  await expect(connection.ask(...lstat('/f'))).rejects.toMatchObject({ code: 'EIO' });
  close(false);
  const answer = connection.ask(...lstat('/f'));
  const { stream, packets } = await server(0);
  await next(packets);
  stream.write(size((await asked(packets)).id, 3));
  expect((await answer).fields.attributes()).toEqual({ size: 3 });
  const open = connection.ask(...lstat('/f'));
  connection[Symbol.dispose]();
  await expect(open).rejects.toMatchObject({ code: 'EIO' });
});

function hostWith(services: Partial<HostServices>) {
  return { services: () => services as HostServices, connected: async () => undefined };
}

test('a stream for files comes by another way than it is asked for; a daemon that leaves meanwhile is asked again', async () => {
  const streams = new FileStreams();
  const [near] = duplexPair();
  let asked = 0;
  const host = hostWith({
    'files.serve': async ({ stream }) => {
      if (asked++ === 0) throw new UnavailableError('the host daemon went away');
      streams.waitingFor(stream)?.(near);
      return {};
    },
  });
  expect(await connectFiles({ host, streams }, 'share', new AbortController().signal)).toBe(near);
  const unshared = hostWith({ 'files.serve': () => Promise.reject(new InvalidParameterError('not shared any more')) });
  const refused = connectFiles({ host: unshared, streams }, 'share', new AbortController().signal);
  await expect(refused).rejects.toThrow('not shared any more');
  expect(streams.waitingFor('unknown')).toBe(undefined);
});

const sources = new HostSources({
  hostPaths: new HostPaths('/run/engine.sock', []),
  machine: { find: async (source) => `machine:${source}` },
  mounts: { path: async (share) => `/mnt/${share}` },
  host: () =>
    ({
      'files.locate': async ({ source }: { source: string }) => ({
        found: source.startsWith('/home') ? { share: 'h', path: source.slice(6), exists: source !== '/home/no' } : null,
        refusal: `${source} is not shared`,
      }),
    }) as Partial<HostServices> as HostServices,
});

test.each([
  ['/home/me/x', '/mnt/h/me/x'],
  ['/home', '/mnt/h'],
  ['/home/no', null],
  ['/var/run/docker.sock', 'machine:/var/run/docker.sock'],
  ['/', 'machine:/'],
  ['/proc', 'machine:/proc'],
  ['/lib/modules', 'machine:/lib/modules'],
  ['/sys/fs/cgroup', 'machine:/sys/fs/cgroup'],
  ['/etc/localtime', 'machine:/etc/localtime'],
])('%s is %s', async (source, found) => {
  expect(await sources.find(source, { create: false })).toBe(found);
});

test.each(['/opt', '/process', '/etc/passwd', '/etc/localtime/x'])('%s is refused', async (source) => {
  await expect(sources.find(source, { create: true })).rejects.toThrow(
    new InvalidParameterError(`${source} is not shared`),
  );
});
