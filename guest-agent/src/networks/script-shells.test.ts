import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ScriptShells } from './script-shells.ts';

const scratch = () => mkdtempDisposable(path.join(tmpdir(), 'berth-shells-'));

test('a script runs up to its first command that fails, and its output is the reason', async () => {
  await using dir = await scratch();
  const file = path.join(dir.path, 'made');
  const failing = new ScriptShells(1).run(`echo why >&2\n: > ${file}\nfalse\nrm ${file}`);
  await expect(failing).rejects.toThrow('a network script failed (exit 1): why');
  expect(await readFile(file, 'utf8')).toBe('');
});

test('one shell takes one script after the other, whatever became of the last', async () => {
  await using dir = await scratch();
  const shells = new ScriptShells(1, `note() { echo "$$ $1" >> ${dir.path}/notes; }\n`);
  const results = await Promise.allSettled(
    ['note a', 'note b; exit 3', 'note c; exit 0; note d', 'cat'].map((s) => shells.run(s)),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  const lines = (await readFile(path.join(dir.path, 'notes'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => line.split(' ')[1])).toEqual(['a', 'b', 'c']);
  expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(1);
});

test('as many run at once as was said', async () => {
  await using dir = await scratch();
  const shells = new ScriptShells(2);
  // Each waits for the other: with one at a time this would never end.
  const pipes = `mkfifo ${dir.path}/one ${dir.path}/two`;
  await shells.run(pipes);
  await Promise.all([
    shells.run(`echo x > ${dir.path}/one; read -r _ < ${dir.path}/two`),
    shells.run(`read -r _ < ${dir.path}/one; echo x > ${dir.path}/two`),
  ]);
});

test('a shell that is killed fails its script and is replaced', async () => {
  const shells = new ScriptShells(1);
  await expect(shells.run('kill -9 $$')).rejects.toThrow('sh was ended while it ran a script');
  await shells.run('true');
});

test('a long script passes through', async () => {
  await using dir = await scratch();
  const text = 'x'.repeat(300_000);
  await new ScriptShells(1).run(`cat > ${dir.path}/long <<'END'\n${text}\nEND`);
  expect(await readFile(path.join(dir.path, 'long'), 'utf8')).toBe(`${text}\n`);
});
