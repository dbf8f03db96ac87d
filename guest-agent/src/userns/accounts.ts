import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A user or a group of the machine. */
export interface Account {
  name: string;
  id: number;
}

/** Looks a name or a number up; rejects in dockerd's words for what getent(1) says. */
export type Lookup = (database: 'passwd' | 'group', key: string) => Promise<Account>;

/** The files first; getent(1) knows every other source that the machine is set up for. */
export const lookUpAccount: Lookup = async (database, key) => {
  const local = await readFile(`/etc/${database}`, 'utf8').catch(() => '');
  const accounts = local.split('\n').map(parseAccount);
  const found = accounts.find(({ name, id }) => name === key || String(id) === key);
  return found ?? (await askGetent(database, key));
};

const askGetent: Lookup = async (database, key) => {
  const { stdout } = await run('getent', [database, key]).catch((error: unknown) => {
    throw new Error(reasonOf(error, database, key), { cause: error });
  });
  return parseAccount(stdout);
};

/** passwd(5) and group(5) begin alike. */
function parseAccount(line: string): Account {
  const [name = '', , id] = line.split(':');
  return { name, id: Number(id) };
}

function reasonOf(error: unknown, database: string, key: string): string {
  const { code } = error as { code?: number | string };
  if (code === 'ENOENT') return 'unable to find getent command: exec: "getent": executable file not found in $PATH';
  if (code === 1) return 'getent reported invalid parameters/database unknown';
  if (code === 2) return `getent unable to find entry ${JSON.stringify(key)} in ${database} database`;
  return (error as Error).message;
}
