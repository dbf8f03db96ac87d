import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GuestEcho, RunningVm } from '@berth/daemon/testing';

/** A root shell of the guest, for what only the guest can do. */
export async function openShell(vm: RunningVm): Promise<Duplex> {
  const stream = await vm.dial({ kind: 'guest' });
  const ask = request({
    method: 'POST',
    path: '/guest/shell?cols=80&rows=24',
    headers: { Host: 'guest', Connection: 'Upgrade', Upgrade: 'berth-shell' },
    createConnection: () => stream,
  });
  const [, socket] = (await once(ask.end(), 'upgrade')) as [unknown, Duplex];
  socket.on('error', () => undefined);
  return socket;
}

/** Everything printed up to the chunk with `text`; later output stays in the stream for the next call. */
export async function untilPrinted(shell: Duplex, text: string): Promise<string> {
  let printed = '';
  for await (const chunk of shell.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (printed.includes(text)) return printed;
  }
  throw new Error(`the shell ended: ${printed}`);
}

/** A server in the guest that sends back what it gets. */
export async function guestEcho(vm: RunningVm): Promise<GuestEcho> {
  const shell = await openShell(vm);
  const program =
    "require('net').createServer({allowHalfOpen:true},s=>s.on('error',()=>s.destroy()).pipe(s)).listen(7007,'127.0.0.1',()=>console.log('e'+'cho is up'))";
  shell.write(`exec node -e "${program}"\n`);
  await untilPrinted(shell, 'echo is up');
  const close = async () => {
    // Ctrl-C on its terminal: nothing may be left in the guest when the next echo wants the port.
    shell.write('\u0003');
    if (!shell.readableEnded)
      await new Promise((resolve) => shell.resume().once('close', resolve).once('end', resolve));
    shell.destroy();
  };
  return { host: '127.0.0.1', port: 7007, [Symbol.asyncDispose]: close };
}
