import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

/** Everything on this machine that there is because of the berth of a home, a line each; nothing once it is down. */
export async function tracesOf(home: string): Promise<string[]> {
  const mark = markOf(home);
  const { stdout: tables } = await execa('nft', ['list', 'tables'], { reject: false });
  return [
    ...processes(home).map((line) => `process ${line}`),
    ...linesWith('/proc/self/mountinfo', home).map((line) => `mount ${line}`),
    ...linesWith('/proc/net/unix', home).map((line) => `listens ${line}`),
    ...specialFiles(home).map((file) => `file ${file}`),
    ...interfaces(mark).map((name) => `interface ${name}`),
    ...tables.split('\n').filter((line) => line.endsWith(` ${mark}`)),
  ];
}

/** What interfaces and tables of the linux driver's engine are known by. */
function markOf(home: string): string {
  const dataRoot = path.join(home, 'machine/engine');
  return `berth-${createHash('sha256').update(dataRoot).digest('hex').slice(0, 6)}`;
}

/** Those that were told of the home, or are in it. */
function processes(home: string): string[] {
  const own = new Set([process.pid, process.ppid].map(String));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && !own.has(name))
    .filter((pid) => told(pid).includes(home) || placesOf(pid).some((place) => place.startsWith(home)))
    .map((pid) => `${pid} ${readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
}

function told(pid: string): string {
  return readText(`/proc/${pid}/cmdline`) + readText(`/proc/${pid}/environ`);
}

function placesOf(pid: string): string[] {
  return ['cwd', 'root', 'exe'].map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/${name}`);
    } catch {
      return '';
    }
  });
}

/** Sockets, pipes and notes of processes. Images and volumes of containers may hold what they like. */
function specialFiles(home: string): string[] {
  const own = [home, path.join(home, 'machine'), path.join(home, 'machine/run')];
  return own.flatMap((folder) => filesIn(folder)).filter((file) => isSpecial(file));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function isSpecial(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && (found.isSocket() || found.isFIFO() || file.endsWith('.pid'));
}

/** Bearing the mark, and what hangs on those. */
export function interfacesOf(home: string): string[] {
  return interfaces(markOf(home));
}

function interfaces(mark: string): string[] {
  const root = '/sys/class/net';
  const marked = (name: string) => name === mark || readText(`${root}/${name}/ifalias`).trim() === mark;
  const bridges = readdirSync(root).filter(marked);
  return bridges.flatMap((name) => [name, ...filesIn(`${root}/${name}/brif`).map((file) => path.basename(file))]);
}

function linesWith(file: string, text: string): string[] {
  return readText(file)
    .split('\n')
    .filter((line) => line.includes(text));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
