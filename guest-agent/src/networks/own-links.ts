import { readdirSync, readFileSync } from 'node:fs';
import { runScript } from './ip-tool.ts';

const root = '/sys/class/net';

/** The alias of an interface; '' where it has none or is not there. */
function aliasOf(name: string): string {
  try {
    return readFileSync(`${root}/${name}/ifalias`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** True for an interface that an engine with this mark has made: only those does it take away, also after a crash. */
export const bearsMark = (name: string, mark: string): boolean => aliasOf(name) === mark;

/** Takes away interfaces with the mark that no network knows of: what a crash left. */
export async function removeStrayLinks(mark: string, known: ReadonlySet<string>): Promise<void> {
  const stray = readdirSync(root).filter((name) => !known.has(name) && bearsMark(name, mark));
  for (const name of stray) await runScript(`ip link delete dev ${name}`);
}

/** Takes away the engine's ends of cables in a bridge that lead to no endpoint. */
export async function removeStrayCables(bridge: string, known: ReadonlySet<string>): Promise<void> {
  for (const name of portsOf(bridge)) {
    if (/^veth[0-9a-f]{7}$/.test(name) && !known.has(name)) await runScript(`ip link delete dev ${name}`);
  }
}

/** Interfaces that are attached to a bridge; none where there is no such bridge. */
export function portsOf(bridge: string): string[] {
  try {
    return readdirSync(`${root}/${bridge}/brif`);
  } catch {
    return [];
  }
}
