import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LinuxFiles } from './files.ts';

const run = promisify(execFile);

/** Name of the agent's default bridge and nftables table: beside other engines on this host, each has its own. */
export function bridgeName({ dataRoot }: LinuxFiles): string {
  return `berth-${createHash('sha256').update(dataRoot).digest('hex').slice(0, 6)}`;
}

/** Removes the interfaces and the tables of an agent that could not do so itself. */
export async function removeNetworkLeftovers(files: LinuxFiles): Promise<void> {
  const name = bridgeName(files);
  for (const family of await familiesOf(name)) await tolerantly('nft', ['delete', 'table', family, name]);
  for (const link of await linksOf(name)) await tolerantly('ip', ['link', 'delete', link]);
}

const linksDir = '/sys/class/net';

/** What the agent makes bears its mark as an alias; the default bridge has it as its name. */
async function linksOf(mark: string): Promise<string[]> {
  const names = await readdir(linksDir).catch(() => []);
  const aliases = names.map((name) => readFile(path.join(linksDir, name, 'ifalias'), 'utf8').catch(() => ''));
  const marked = await Promise.all(aliases);
  return names.filter((name, at) => name === mark || marked[at]?.trim() === mark);
}

async function familiesOf(table: string): Promise<string[]> {
  const listed = await tolerantly('nft', ['list', 'tables']);
  return [...listed.matchAll(/^table (\w+) (\S+)$/gm)]
    .filter(([, , name]) => name === table)
    .map(([, family]) => family!);
}

/** What is not there needs no removing; a host without these programs has no such thing either. */
async function tolerantly(program: string, args: string[]): Promise<string> {
  return run(program, args).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
