import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * A program for Node that watches folders and says for each event: what it was, the name, and whether that is there now.
 * A folder that appears is watched, too.
 */
export const watcherProgram: string = `
const fs = require('node:fs'), path = require('node:path');
const isThere = (file) => { try { return fs.lstatSync(file); } catch { return null; } };
const watched = new Map();
function watch(folder) {
  if (watched.has(folder)) return;
  watched.set(folder, fs.watch(folder, (event, name) => {
    const file = path.join(folder, name);
    const stats = isThere(file);
    console.log(event, path.relative(process.argv[1], file), stats !== null);
    if (stats?.isDirectory()) watch(file);
    else if (!stats && watched.has(file)) { watched.get(file).close(); watched.delete(file); }
  }));
}
for (const folder of process.argv.slice(2)) watch(folder);
console.log('ready');
`;

export interface Watcher extends Disposable {
  /** What it said so far: 'rename folder/file true'. */
  lines: string[];
}

/** Names folders below `root`; resolves when they are watched. */
export async function watchFolders(root: string, folders: readonly string[]): Promise<Watcher> {
  const paths = folders.map((folder) => (folder === '' ? root : `${root}/${folder}`));
  const child = spawn(process.execPath, ['-e', watcherProgram, root, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready') ready.resolve();
    else lines.push(line);
  });
  child.once('exit', () => ready.reject(new Error('the watcher ended')));
  await ready.promise;
  return { lines, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
