import { once } from 'node:events';
import { duplexPair, PassThrough, type Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { InvalidParameterError, UnavailableError } from '../api/errors.ts';
import { packetsIn } from '../api/files/packets.ts';
import type { HostServices } from '../api/guest/protocol.ts';
import { HostPaths } from '../containers/host-paths.ts';
import { connectFiles } from './connect-files.ts';
import { FileStreams } from './file-streams.ts';
import { HostSources } from './host-sources.ts';
import { SftpCarrier } from './sftp-carrier.ts';

const init = Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]);
const version = Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 3]);
const request = (id: number) => Buffer.from([0, 0, 0, 6, 7, 0, 0, 0, id, 9]);
const answer = (id: number) => Buffer.from([0, 0, 0, 6, 105, 0, 0, 0, id, 9]);

/** A carrier between a client and servers that the test plays, each end as its packets. */
function carried() {
  const [requests, answers] = [new PassThrough(), new PassThrough()];
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
  const ended = new SftpCarrier({ requests, answers, connect, signal: new AbortController().signal }).run();
  return { requests, answers: packetsIn(answers), server, ended, close: () => (isClosed = true) };
}

const next = async (packets: AsyncGenerator<Buffer>) => ((await packets.next()).value as Buffer).toJSON().data;
const body = (packet: Buffer) => [...packet.subarray(4)];

test('the next server gets what the one before has not answered, and the client sees one server', async () => {
  const { requests, answers, server, ended, close } = carried();
  for (const packet of [init, request(1), request(2)]) requests.write(packet);
  const first = await server(0);
  for (const packet of [init, request(1), request(2)]) expect(await next(first.packets)).toEqual(body(packet));
  first.stream.write(Buffer.concat([version, answer(1)]));
  expect(await next(answers)).toEqual(body(version));
  expect(await next(answers)).toEqual(body(answer(1)));
  first.stream.destroy();
  const second = await server(1);
  expect(await next(second.packets)).toEqual(body(init));
  expect(await next(second.packets)).toEqual(body(request(2)));
  second.stream.write(Buffer.concat([version, answer(1), answer(2)]));
  expect(await next(answers)).toEqual(body(answer(2)));
  requests.write(request(3));
  expect(await next(second.packets)).toEqual(body(request(3)));
  close();
  second.stream.destroy();
  await ended;
});

test('a client that ends takes its server along', async () => {
  const { requests, server, ended } = carried();
  requests.write(init);
  const { stream } = await server(0);
  requests.end();
  stream.resume();
  await Promise.all([once(stream, 'end'), ended]);
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
