import { once } from 'node:events';
import { execa } from 'execa';
import { engineRequest } from '../helpers/engine-request.ts';
import { startBerth } from '../helpers/berth.ts';
import { median } from './statistics.ts';

interface Subject {
  name: string;
  socketPath: string;
}

const iperfSeconds = 3;
const dnsSeconds = 2;
const network = 'bench-networks';
const hostPort = 18_432;

/** What networks cost and carry, the two engines in turn within one run. Needs iperf3 and root. */
export async function benchNetworks({ runs, reference }: { runs: number; reference: string | null }): Promise<void> {
  await using berth = await startBerth('linux');
  const subjects: Subject[] = [{ name: 'berth', socketPath: berth.socketPath }];
  if (reference !== null) subjects.push({ name: 'dockerd', socketPath: reference });
  console.log(`| networks (median of ${runs}) | ${subjects.map(({ name }) => name).join(' | ')} | ratio |`);
  console.log(`| --- | ${subjects.map(() => '---').join(' | ')} | --- |`);
  await row('create, connect, disconnect, remove, s', subjects, runs, inContainer(connectAndLeave));
  const few = Math.min(runs, 5);
  await row('container to container, Gbit/s', subjects, few, inNetwork(betweenContainers));
  await row('host to a port published on 127.0.0.1, Gbit/s', subjects, few, inNetwork(toPublished('127.0.0.1')));
  await row(
    'host to a port published on its address, Gbit/s',
    subjects,
    few,
    inNetwork(toPublished(await ownAddress())),
  );
  await row('names answered a second', subjects, few, inNetwork(namesAnswered));
}

type Measure = (subject: Subject) => Promise<number>;

async function row(...[label, subjects, runs, measure]: [string, Subject[], number, Measure]): Promise<void> {
  const values: number[][] = subjects.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, subject] of subjects.entries()) values[i]?.push(await measure(subject));
  }
  const medians = values.map(median);
  const ratio = medians.length === 2 ? ((medians[0] ?? 0) / (medians[1] ?? 1)).toFixed(2) : '';
  const shown = medians.map((value) => (value < 1000 ? value.toFixed(3) : value.toFixed(0)));
  console.log(`| ${label} | ${shown.join(' | ')} | ${ratio} |`);
}

/** A running container with a port of iperf3's; answers its pid. */
async function startContainer(subject: Subject, name: string, mode: string): Promise<number> {
  const published = name === 'bench-a' ? { '5201/tcp': [{ HostPort: String(hostPort) }] } : {};
  await ask(subject, 'POST', `/containers/create?name=${name}`, {
    ...{ Image: 'busybox', Cmd: ['sleep', '100000'], ExposedPorts: { '5201/tcp': {} } },
    HostConfig: { NetworkMode: mode, PortBindings: published },
  });
  await ask(subject, 'POST', `/containers/${name}/start`);
  const inspected = await ask(subject, 'GET', `/containers/${name}/json`);
  return (JSON.parse(inspected) as { State: { Pid: number } }).State.Pid;
}

const removeContainer = (subject: Subject, name: string) => ask(subject, 'DELETE', `/containers/${name}?force=1`);

const inContainer =
  (measure: Measure): Measure =>
  async (subject) => {
    await startContainer(subject, 'bench-c', 'bridge');
    const value = await measure(subject);
    await removeContainer(subject, 'bench-c');
    return value;
  };

async function connectAndLeave(subject: Subject): Promise<number> {
  const body = { Container: 'bench-c', Force: false };
  const startedAt = performance.now();
  await ask(subject, 'POST', '/networks/create', { Name: network });
  await ask(subject, 'POST', `/networks/${network}/connect`, body);
  await ask(subject, 'POST', `/networks/${network}/disconnect`, body);
  await ask(subject, 'DELETE', `/networks/${network}`);
  return (performance.now() - startedAt) / 1000;
}

interface Pair {
  serverPid: number;
  clientPid: number;
}

const inNetwork =
  (measure: (pair: Pair) => Promise<number>): Measure =>
  async (subject) => {
    await ask(subject, 'POST', '/networks/create', { Name: network });
    const serverPid = await startContainer(subject, 'bench-a', network);
    const clientPid = await startContainer(subject, 'bench-b', network);
    try {
      return await measure({ serverPid, clientPid });
    } finally {
      for (const name of ['bench-a', 'bench-b']) await removeContainer(subject, name);
      await ask(subject, 'DELETE', `/networks/${network}`);
    }
  };

const inside = (pid: number, ...command: string[]): [string, string[]] => [
  'nsenter',
  ['-t', String(pid), '-n', ...command],
];

async function betweenContainers({ serverPid, clientPid }: Pair): Promise<number> {
  const { stdout } = await execa(...inside(serverPid, 'ip', '-4', '-o', 'addr', 'show', 'eth0'));
  const address = /inet ([\d.]+)/.exec(stdout)?.[1] ?? '';
  return await throughput(serverPid, inside(clientPid, ...iperf(address, 5201)));
}

const toPublished =
  (address: string) =>
  async ({ serverPid }: Pair): Promise<number> => {
    // berth's kernel rules take over from its listener a second after the start.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const [program = '', ...args] = iperf(address, hostPort);
    return await throughput(serverPid, [program, args]);
  };

const iperf = (address: string, port: number): string[] => [
  'iperf3',
  '-J',
  '-t',
  String(iperfSeconds),
  '-c',
  address,
  '-p',
  String(port),
];

async function throughput(serverPid: number, client: [string, string[]]): Promise<number> {
  const server = execa(...inside(serverPid, 'iperf3', '-s', '-1', '--forceflush'), { reject: false });
  await once(server.stdout, 'data');
  const { stdout } = await execa(...client);
  await server;
  const result = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return result.end.sum_received.bits_per_second / 1e9;
}

/** Asks for a container's name with several questions in flight, as long as {@link dnsSeconds}. */
const asker = `
const socket = require('node:dgram').createSocket('udp4');
const name = Buffer.from('\\x07bench-a\\x00\\x00\\x01\\x00\\x01', 'latin1');
const question = Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name]);
let answered = 0;
const ask = () => socket.send(question);
socket.on('message', () => { answered++; ask(); });
socket.connect(53, '127.0.0.11', () => {
  for (let n = 0; n < 16; n++) ask();
  setInterval(() => { for (let n = 0; n < 4; n++) ask(); }, 500).unref();
  setTimeout(() => { console.log(answered / ${dnsSeconds}); process.exit(); }, ${dnsSeconds * 1000});
});
`;

async function namesAnswered({ clientPid }: Pair): Promise<number> {
  const { stdout } = await execa(...inside(clientPid, process.execPath, '-e', asker));
  return Number(stdout);
}

/** This machine's address on its way out. */
async function ownAddress(): Promise<string> {
  const { stdout } = await execa('ip', ['-4', 'route', 'get', '192.0.2.1']);
  return /src ([\d.]+)/.exec(stdout)?.[1] ?? '127.0.0.1';
}

async function ask({ name, socketPath }: Subject, ...[method, url, body]: [string, string, unknown?]): Promise<string> {
  const answer = await engineRequest(socketPath, { method, path: `/v1.48${url}`, ...(body !== undefined && { body }) });
  if (answer.status >= 300) throw new Error(`${name}: ${method} ${url}: ${answer.status} ${answer.body}`);
  return answer.body;
}
