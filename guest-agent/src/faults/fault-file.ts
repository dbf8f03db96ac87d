import { readdir, readFile } from 'node:fs/promises';
import { readFileSync, rmSync } from 'node:fs';
import type { Fault } from './fault.ts';

/**
 * What a test writes into the fault file:
 * - `exit`: the agent ends itself with SIGKILL;
 * - `kill`: the process `pid` is killed (containerd), and the verb goes on;
 * - `shim`: the container's shim is killed, and the verb goes on;
 * - `enospc`: the step fails, the disk is full.
 */
interface Order {
  point: string;
  action: 'exit' | 'kill' | 'shim' | 'enospc';
  pid?: number;
}

/** Obeys the order in the file, once: the file goes first. */
export function faultsFromFile(file: string): Fault {
  return async (point, containerId) => {
    const order = readOrder(file);
    if (order?.point !== point) return;
    rmSync(file);
    await obey(order, containerId);
  };
}

function readOrder(file: string): Order | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Order;
  } catch {
    return null;
  }
}

async function obey({ action, pid }: Order, containerId: string): Promise<void> {
  if (action === 'exit') process.kill(process.pid, 'SIGKILL');
  else if (action === 'kill' && pid !== undefined) process.kill(pid, 'SIGKILL');
  else if (action === 'shim') await killWhere((program, args) => isShim(program) && args.includes(containerId));
  else throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

const isShim = (program: string): boolean => program.endsWith('containerd-shim-runc-v2');

async function killWhere(matches: (program: string, args: string[]) => boolean): Promise<void> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!matches(program, args)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}
