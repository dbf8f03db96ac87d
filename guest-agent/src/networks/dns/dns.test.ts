import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { decode, encode, type Packet, type Question } from 'dns-packet';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Endpoint, NetworkRecord, Sandbox } from '../network.ts';
import { answerLocally, reverseAddress } from './answer.ts';
import { forward, frame, unframe } from './forward.ts';
import { nameTable } from './name-table.ts';
import { Resolver } from './resolver.ts';
import { openSockets } from './sockets.ts';

const endpoint = (containerId: string, more: Partial<Endpoint> = {}): Endpoint =>
  ({ networkId: 'n1', containerId, aliases: [], links: [], ipAddress: '', ipv6Address: '', ...more }) as Endpoint;
const web = endpoint('web', { ipAddress: '10.0.0.2', ipv6Address: 'fd00::2', aliases: ['www', 'Shop'] });
const db = endpoint('db', { ipAddress: '10.0.0.3', links: ['web:front'] });
const names: Record<string, string[]> = { web: ['web', 'aaaabbbbcccc', 'host-of-web'], db: ['db'] };
const table = (own: Endpoint) =>
  nameTable({ endpoints: [own] } as unknown as Sandbox, {
    namesOf: (id) => names[id] ?? [],
    version: () => 0,
    networkOf: () => ({ name: 'shop' }) as NetworkRecord,
    endpointsIn: () => [web, db],
    hostAddresses: ['169.254.65.254'],
  });
const query = (name: string, type: Question['type'] = 'A'): Packet => ({
  ...{ type: 'query', id: 7, flags: 256 },
  questions: [{ type, name }],
});
const answers = (packet: Packet | null) => packet?.answers?.map((answer) => ('data' in answer ? answer.data : null));

describe('names of containers', () => {
  test.each(['web', 'WEB', 'www', 'shop', 'aaaabbbbcccc', 'host-of-web', 'web.shop'])('%s', (name) => {
    expect(answers(answerLocally(query(name), table(db)))).toEqual(['10.0.0.2']);
    expect(answers(answerLocally(query(name, 'AAAA'), table(db)))).toEqual(['fd00::2']);
  });
  test('the host goes by Docker Desktop’s name', () => {
    expect(answers(answerLocally(query('host.docker.internal'), table(web)))).toEqual(['169.254.65.254']);
  });
  test('a link is known to the container that has it alone', () => {
    expect(answers(answerLocally(query('front'), table(db)))).toEqual(['10.0.0.2']);
    expect(answerLocally(query('front'), table(web))).toBeNull();
  });
  test('a name without an address of the family has an empty answer, an unknown one none', () => {
    expect(answers(answerLocally(query('db', 'AAAA'), table(web)))).toEqual([]);
    expect(answers(answerLocally(query('db', 'MX'), table(web)))).toEqual([]);
    expect(answerLocally(query('example.com'), table(web))).toBeNull();
  });
  test('reverse lookup', () => {
    expect(answers(answerLocally(query('2.0.0.10.in-addr.arpa', 'PTR'), table(db)))).toEqual(['web.shop']);
    expect(answerLocally(query('9.0.0.10.in-addr.arpa', 'PTR'), table(db))).toBeNull();
    expect(reverseAddress(`${'0.'.repeat(31)}f.ip6.arpa`)).toMatch(/^f000:0000:.*:0000$/);
    expect(reverseAddress('x.in-addr.arpa')).toBeNull();
  });
});

/** A server of the world that answers everything with 192.0.2.1. */
async function openServer() {
  const reply = (message: Buffer) => {
    const asked = decode(message);
    const [question] = asked.questions ?? [];
    const answer = { type: 'A' as const, name: question?.name ?? '', data: '192.0.2.1' };
    return encode({ type: 'response', id: asked.id as number, questions: asked.questions ?? [], answers: [answer] });
  };
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  udp.on('message', (message, from) => udp.send(reply(message), from.port, from.address));
  await once(udp, 'listening');
  const { port } = udp.address();
  const tcp = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const message = unframe(chunk);
      if (message) socket.end(frame(reply(message.body)));
    });
  }).listen(port, '127.0.0.1');
  await once(tcp, 'listening');
  return {
    server: `127.0.0.1#${port}`,
    [Symbol.asyncDispose]: async () => {
      udp.close();
      tcp.close();
    },
  };
}

describe('names of the world', () => {
  test.each(['udp', 'tcp'] as const)('over %s: a server that is not there is passed over', async (transport) => {
    await using world = await openServer();
    const servers = ['127.0.0.1#1', world.server];
    const reply = await forward(encode(query('example.com')), { servers, transport, timeoutMs: 2000 });
    expect(answers(decode(reply as Buffer))).toEqual(['192.0.2.1']);
  });
  test('a server that is silent is left after its time', async () => {
    await using world = await openServer();
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const servers = [`127.0.0.1#${silent.address().port}`, world.server];
    const reply = await forward(encode(query('example.com')), { servers, transport: 'udp', timeoutMs: 50 });
    silent.close();
    expect(answers(decode(reply as Buffer))).toEqual(['192.0.2.1']);
  });
  test('nobody answers', async () => {
    const servers = ['127.0.0.1#1'];
    expect(await forward(encode(query('x')), { servers, transport: 'tcp', timeoutMs: 2000 })).toBeNull();
  });
});

describe('the resolver', () => {
  let version = 0;
  const openResolver = async (servers: string[]) =>
    new Resolver(await openSockets({ address: '127.0.0.1', port: 0 }), {
      log: pino({ level: 'silent' }),
      version: () => version,
      clientAt: (address) => (address === '127.0.0.1' ? { table: table(db), servers: async () => servers } : null),
    });
  async function askUdp(port: number, message: Buffer): Promise<Packet> {
    const socket = createSocket('udp4');
    try {
      socket.send(message, port, '127.0.0.1');
      const [reply] = (await once(socket, 'message')) as [Buffer];
      return decode(reply);
    } finally {
      socket.close();
    }
  }

  test('answers containers itself and asks for the rest', async () => {
    await using world = await openServer();
    await using resolver = await openResolver([world.server]);
    expect(answers(await askUdp(resolver.target.port, encode(query('web'))))).toEqual(['10.0.0.2']);
    expect(answers(await askUdp(resolver.target.port, encode(query('example.com'))))).toEqual(['192.0.2.1']);
  });
  test('an answer is kept until a name changes, and each question gets its own id', async () => {
    await using resolver = await openResolver([]);
    const ask = (id: number) => askUdp(resolver.target.port, encode({ ...query('web'), id }));
    expect([(await ask(1)).id, (await ask(2)).id]).toEqual([1, 2]);
    const before = names['web'] ?? [];
    names['web'] = ['renamed'];
    version++;
    expect(await ask(3)).toMatchObject({ id: 3, rcode: 'SERVFAIL' });
    names['web'] = before;
    version++;
    expect(answers(await ask(4))).toEqual(['10.0.0.2']);
  });
  test('says SERVFAIL where nobody answers, and survives what is no question', async () => {
    await using resolver = await openResolver([]);
    const noise = createSocket('udp4');
    await new Promise((resolve) => noise.send(Buffer.from('no dns'), resolver.target.port, '127.0.0.1', resolve));
    noise.close();
    expect(await askUdp(resolver.target.port, encode(query('example.com')))).toMatchObject({
      id: 7,
      rcode: 'SERVFAIL',
    });
  });
  test('two questions on one TCP connection, in pieces', async () => {
    await using resolver = await openResolver([]);
    const socket = connect(resolver.target.port, '127.0.0.1');
    const questions = Buffer.concat([frame(encode(query('web'))), frame(encode(query('db')))]);
    socket.write(questions.subarray(0, 9));
    await once(socket, 'connect');
    socket.write(questions.subarray(9));
    const found: unknown[] = [];
    let received: Buffer = Buffer.alloc(0);
    for await (const chunk of socket.iterator({ destroyOnReturn: true })) {
      received = Buffer.concat([received, chunk as Buffer]);
      for (let next = unframe(received); next; next = unframe(received)) {
        received = next.rest;
        found.push(...(answers(decode(next.body)) ?? []));
      }
      if (found.length === 2) break;
    }
    expect(found.sort()).toEqual(['10.0.0.2', '10.0.0.3']);
  });
});
