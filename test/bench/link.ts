/**
 * Measures the link into a running machine: `node --conditions=berth-source test/bench/link.ts [qemu|linux]`.
 * Starts a machine of its own in a scratch folder and prints one line of JSON.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { createDrivers, findInstallation, scratchDir } from '@berth/daemon/testing';

type Vm = Awaited<ReturnType<ReturnType<ReturnType<typeof createDrivers>['get']>['start']>>;

const driverName = process.argv[2] ?? 'qemu';
const totalBytes = 64 * 1024 * 1024;
const ports = { echo: 7001, sink: 7002, source: 7003 };

const guestProgram = `const n=require('net'),o={allowHalfOpen:true,noDelay:true},e=s=>s.on('error',()=>s.destroy());
n.createServer(o,s=>e(s).pipe(s)).listen(${ports.echo});
n.createServer(o,s=>{let c=0;e(s).on('data',d=>c+=d.length).on('end',()=>s.end(String(c)))}).listen(${ports.sink});
n.createServer(o,s=>{let l=${totalBytes};const b=Buffer.alloc(65536);e(s).resume();(function p(){while(l>0){l-=b.length;if(!s.write(b))return s.once('drain',p)}s.end()})()}).listen(${ports.source},()=>console.log('se'+'rving'))`;

async function serveInGuest(vm: Vm): Promise<Duplex> {
  const stream = await vm.dial({ kind: 'guest' });
  const headers = { Host: 'guest', Connection: 'Upgrade', Upgrade: 'berth-shell' };
  const path = '/guest/shell?cols=500&rows=24';
  const ask = request({ method: 'POST', path, headers, createConnection: () => stream });
  const [, shell] = (await once(ask.end(), 'upgrade')) as [unknown, Duplex];
  // An interactive shell would take every '!' for history.
  shell.write('set +H\n');
  shell.write(`exec node -e "${guestProgram.replaceAll('\n', '')}"\n`);
  for (let printed = ''; !printed.includes('serving');) printed += String(((await once(shell, 'data')) as [Buffer])[0]);
  return shell.resume();
}

async function firstByte(stream: Duplex): Promise<void> {
  await once(stream, 'data');
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const rounded = (value: number) => Math.round(value * 100) / 100;

async function measure(vm: Vm) {
  const dial = (port: number) => vm.dial({ kind: 'tcp', host: '127.0.0.1', port });
  const opens: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const startedAt = performance.now();
    const stream = await dial(ports.echo);
    stream.write('x');
    await firstByte(stream);
    opens.push(performance.now() - startedAt);
    stream.destroy();
  }
  const echo = await dial(ports.echo);
  const trips: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const startedAt = performance.now();
    echo.write('x');
    await firstByte(echo);
    trips.push(performance.now() - startedAt);
  }
  echo.destroy();
  const result: Record<string, number> = { openMs: rounded(median(opens)), roundTripMs: rounded(median(trips)) };
  for (const chunkBytes of [65_536, 1_048_576]) {
    const startedAt = performance.now();
    const sink = await dial(ports.sink);
    const chunk = Buffer.alloc(chunkBytes);
    for (let left = totalBytes; left > 0; left -= chunkBytes) if (!sink.write(chunk)) await once(sink, 'drain');
    sink.end();
    await firstByte(sink);
    result[`inMBs${chunkBytes / 1024}k`] = rounded(totalBytes / 1000 / (performance.now() - startedAt));
  }
  const startedAt = performance.now();
  for await (const _chunk of await dial(ports.source));
  result.outMBs = rounded(totalBytes / 1000 / (performance.now() - startedAt));
  return { ...result, ...(await parallel(dial)) };
}

/** 100 streams at once, each sending 256 KiB and reading it back. */
async function parallel(dial: (port: number) => Promise<Duplex>) {
  const startedAt = performance.now();
  const carry = async () => {
    const stream = await dial(ports.echo);
    const openedMs = performance.now() - startedAt;
    stream.end(Buffer.alloc(256 * 1024));
    for await (const _chunk of stream);
    return { openedMs, doneMs: performance.now() - startedAt };
  };
  const done = await Promise.all(Array.from({ length: 100 }, carry));
  const times = done.map(({ doneMs }) => doneMs);
  return {
    parallelOpenMs: rounded(Math.max(...done.map(({ openedMs }) => openedMs))),
    parallelFirstDoneMs: rounded(Math.min(...times)),
    parallelAllDoneMs: rounded(Math.max(...times)),
  };
}

await using dir = await scratchDir('/var/tmp');
const spec = { instanceDir: dir.path, cpus: 2, memoryMiB: 1024, diskGiB: 4, engineConfig: {} };
const driver = createDrivers(findInstallation({ agentFile: null, imageDir: null })).get(driverName);
const vm = await driver.start(spec, { signal: new AbortController().signal, onProgress: () => undefined });
try {
  const shell = await serveInGuest(vm);
  console.log(JSON.stringify({ driver: driverName, accelerator: vm.accelerator, ...(await measure(vm)) }));
  shell.destroy();
} finally {
  await vm.kill();
}
