import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { createDrivers, findInstallation, scratchDir } from '@berth/daemon/testing';
import { median } from './statistics.ts';

const echo = { kind: 'tcp', host: '127.0.0.1', port: 7007 } as const;
const echoProgram =
  "require('net').createServer({allowHalfOpen:true},s=>s.on('error',()=>s.destroy()).pipe(s)).listen(7007,'127.0.0.1',()=>console.log('e'+'cho is up'))";

type Vm = Awaited<ReturnType<ReturnType<ReturnType<typeof createDrivers>['get']>['start']>>;

/** The link of the qemu driver, between this process and an echo server (Node.js) in the guest. */
export async function benchLink({ runs }: { runs: number }): Promise<void> {
  const installation = findInstallation({ agentFile: null, imageDir: null });
  await using dir = await scratchDir();
  const spec = { instanceDir: dir.path, cpus: 2, memoryMiB: 1024, diskGiB: 4, engineSockets: [], engineConfig: {} };
  const driver = createDrivers(installation).get('qemu');
  const vm = await driver.start(spec, { signal: AbortSignal.timeout(120_000), onProgress: () => undefined });
  try {
    await startEcho(vm);
    const opened: number[] = [];
    for (let run = 0; run < runs; run++)
      opened.push(await timed(async () => void (await roundTrip(vm, Buffer.alloc(1)))));
    console.log(`open a stream, one byte there and back, median of ${runs}: ${(median(opened) * 1000).toFixed(1)} ms`);
    const payload = Buffer.alloc(32 * 1024 * 1024, 7);
    const seconds = await timed(async () => void (await roundTrip(vm, payload)));
    console.log(`32 MiB echoed on one stream: ${(32 / seconds).toFixed(1)} MiB/s each way at once`);
    const many = await timed(() =>
      Promise.all(Array.from({ length: 100 }, () => roundTrip(vm, payload.subarray(0, 256 * 1024)))),
    );
    console.log(
      `100 streams at once, 256 KiB echoed on each: ${many.toFixed(2)} s, ${(25 / many).toFixed(1)} MiB/s each way in all`,
    );
  } finally {
    await vm.kill();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

async function roundTrip(vm: Vm, payload: Buffer): Promise<void> {
  const stream = await vm.dial(echo);
  let received = 0;
  stream.on('data', (chunk: Buffer) => (received += chunk.length));
  stream.end(payload);
  await once(stream, 'end');
  if (received !== payload.length) throw new Error(`sent ${payload.length} bytes, ${received} came back`);
}

async function startEcho(vm: Vm): Promise<void> {
  const stream = await vm.dial({ kind: 'guest' });
  const headers = { Host: 'guest', Connection: 'Upgrade', Upgrade: 'berth-shell' };
  const ask = request({
    method: 'POST',
    path: '/guest/shell?cols=80&rows=24',
    headers,
    createConnection: () => stream,
  });
  const [, shell] = (await once(ask.end(), 'upgrade')) as [unknown, Duplex];
  shell.on('error', () => undefined);
  shell.write(`exec node -e "${echoProgram}"\n`);
  let printed = '';
  for await (const chunk of shell.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (printed.includes('echo is up')) break;
  }
  shell.resume();
}
