import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { mapTarIds } from './map-tar-ids.ts';

const run = promisify(execFile);

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const rewritten = async (archive: Buffer, size = 1000): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(mapTarIds(pieces(archive, size), () => ({ uid: 0, gid: 0 }))));

/** What tar lists and what it unpacks. */
async function listed(folder: string, archive: Buffer): Promise<string[]> {
  const file = path.join(folder, 'listed.tar');
  await writeFile(file, archive);
  const { stdout } = await run('tar', ['--numeric-owner', '-tvf', file]);
  // Columns are as wide as the widest owner.
  return stdout.trim().replaceAll(/ +/g, ' ').split('\n');
}

async function sample(folder: string, format: string): Promise<Buffer> {
  const script = `mkdir -p t/sub && printf content > t/file && : > t/empty && head -c 3000000 /dev/zero | tr '\\0' x > t/large
ln -s file t/link && ln t/file t/hard && cp t/file "t/$(printf 'n%.0s' $(seq 180))" && mkfifo t/pipe
tar --format=${format} --sort=name --owner=somebody:3000000 --group=others:4000000 -cf out.tar t`;
  await run('sh', ['-e', '-c', script], { cwd: folder });
  return await readFile(path.join(folder, 'out.tar'));
}

describe.each(['gnu', 'pax'])('an archive in %s format', (format) => {
  test.each([7, 511, 512, 65_536, 10_000_000])('is all of root, in pieces of %i bytes', async (size) => {
    await using folder = await mkdtempDisposable(path.join(tmpdir(), 'berth-owners-'));
    const archive = await sample(folder.path, format);
    const before = await listed(folder.path, archive);
    expect(before[0]).toContain('3000000/4000000');
    const after = await rewritten(archive, size);
    expect(await listed(folder.path, after)).toEqual(before.map((line) => line.replace('3000000/4000000', '0/0')));
    const { stdout } = await run(
      'sh',
      ['-e', '-c', 'tar -xOf listed.tar t/large | cksum; tar -xOf out.tar t/large | cksum'],
      {
        cwd: folder.path,
      },
    );
    const [ours, theirs] = stdout.trim().split('\n');
    expect(ours).toBe(theirs);
  });
});

test('an archive that breaks off is refused', async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'berth-owners-'));
  const archive = await sample(folder.path, 'pax');
  for (const length of [100, 700, 1_000_000]) {
    await expect(rewritten(archive.subarray(0, length))).rejects.toThrow('unexpected EOF');
  }
});

test('no bytes stay no bytes', async () => {
  expect(await rewritten(Buffer.alloc(0))).toHaveLength(0);
});

test('an extended header cannot make the engine hold what it likes', async () => {
  const header = Buffer.alloc(512);
  header.write('x', 156);
  header.write('77777777777\0', 124);
  await expect(rewritten(header)).rejects.toThrow('archive/tar: header field too long');
  header.write('zzzzzzzzzzz\0', 124);
  await expect(rewritten(header)).rejects.toThrow('archive/tar: invalid tar header');
});

test('records that do not say how long they are', async () => {
  const header = Buffer.alloc(512);
  header.write('x', 156);
  header.write('00000001000\0', 124);
  const content = Buffer.alloc(512, 'nonsense');
  await expect(rewritten(Buffer.concat([header, content]))).rejects.toThrow('archive/tar: invalid tar header');
});
