import { readdirSync, readFileSync } from 'node:fs';

/** Every process on this machine with its command line, blanks between the arguments. */
export function commandLines(): { pid: number; line: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), line: commandLine(name) }));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

export const shimOf = (containerId: string): number =>
  pidWhere((line) => line.includes('containerd-shim') && line.includes(`-id ${containerId}`));

/** The berth daemon of a home. */
export const daemonPid = (home: string): number => pidWhere((line) => line.includes(` daemon --home ${home}`));

function pidWhere(matches: (line: string) => boolean): number {
  const found = commandLines().find(({ line }) => matches(line));
  if (!found) throw new Error('there is no such process');
  return found.pid;
}
