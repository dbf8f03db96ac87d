import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Berth, startBerth } from '../helpers/berth.ts';
import { median } from './statistics.ts';

const mebibyte = 1024 * 1024;
const sentMiB = 32;
/** A byte to say that all is there, since both ends may close at any time. */
const servers = {
  echo: 'nc -ll -p 7000 -e cat',
  sink: `nc -ll -p 7001 -e sh -c "head -c ${sentMiB * mebibyte} >/dev/null; echo"`,
  source: `nc -ll -p 7002 -e dd if=/dev/zero bs=65536 count=${sentMiB * 16}`,
};

/** What a port costs that a container publishes on the host's loopback address: by the microVM, and by this machine itself. */
export async function benchPorts({ runs }: { runs: number }): Promise<void> {
  const drivers = ['qemu', 'linux'] as const;
  const columns: Row[] = [];
  for (const driver of drivers) columns.push(await measure(driver, runs));
  console.log(`| published port, median of ${runs} | ${drivers.join(' | ')} |`);
  console.log('| --- | --- | --- |');
  for (const [label, unit] of Object.entries(units))
    console.log(`| ${label}, ${unit} | ${columns.map((row) => (row[label] ?? Number.NaN).toFixed(2)).join(' | ')} |`);
}

type Row = Record<string, number>;
const units: Record<string, string> = {
  'connect, one byte there and back': 'ms',
  'one byte there and back on an open connection': 'ms',
  'into the container': 'MiB/s',
  'out of the container': 'MiB/s',
};

async function measure(driver: 'qemu' | 'linux', runs: number): Promise<Row> {
  await using berth = await startBerth(driver);
  const script = `${Object.values(servers)
    .map((server) => `${server} &`)
    .join(' ')} wait`;
  const ports = ['-p', '127.0.0.1::7000', '-p', '127.0.0.1::7001', '-p', '127.0.0.1::7002'];
  await berth.docker(['run', '-d', '--name', 'servers', ...ports, 'busybox', 'sh', '-c', script]);
  const [echo, sink, source] = [await portOf(berth, 7000), await portOf(berth, 7001), await portOf(berth, 7002)];
  const [opened, open, into, out]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let run = 0; run < runs; run++) {
    const { first, second } = await echoes(echo);
    opened.push(first);
    open.push(second);
    into.push(sentMiB / (await seconds(() => send(sink))));
    out.push(sentMiB / (await seconds(() => receive(source))));
  }
  const [a = '', b = '', c = '', d = ''] = Object.keys(units);
  return { [a]: median(opened), [b]: median(open), [c]: median(into), [d]: median(out) };
}

async function portOf(berth: Berth, containerPort: number): Promise<number> {
  const { stdout } = await berth.docker(['port', 'servers', String(containerPort)]);
  return Number(stdout.split(':').at(-1));
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** Milliseconds. */
async function echoes(port: number): Promise<{ first: number; second: number }> {
  let socket: Socket | undefined;
  const roundTrip = async () => {
    socket ??= connect(port, '127.0.0.1').setNoDelay();
    socket.write('x');
    await once(socket, 'data');
  };
  const first = await seconds(roundTrip);
  const second = await seconds(roundTrip);
  socket?.destroy();
  return { first: first * 1000, second: second * 1000 };
}

async function send(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const answered = once(socket, 'data');
  for (let sent = 0; sent < sentMiB; sent++) {
    if (!socket.write(Buffer.alloc(mebibyte))) await once(socket, 'drain');
  }
  await answered;
  socket.destroy();
}

async function receive(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  let received = 0;
  for await (const chunk of socket) {
    received += (chunk as Buffer).length;
    if (received === sentMiB * mebibyte) return;
  }
  throw new Error(`${received} bytes came, expected ${sentMiB * mebibyte}`);
}
