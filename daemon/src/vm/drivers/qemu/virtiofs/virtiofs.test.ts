import { chmod, readdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isAlive } from '../../../../process/process-identity.ts';
import { readPidFile } from '../../../../process/pid-file.ts';
import { scratchDir } from '../../../testing/scratch-dir.ts';
import { folderArgs } from '../args/folders.ts';
import { qemuFiles } from '../files.ts';
import { findVirtiofsd } from './program.ts';
import { argumentsOf, endFolderServers, serveFolders } from './servers.ts';

test('the one in C and the one in Rust are told apart by what they say they are', async () => {
  await using dir = await scratchDir();
  const program = async (name: string, says: string) => {
    await writeFile(dir.file(name), `#!/bin/sh\necho '${says}'\n`);
    await chmod(dir.file(name), 0o755);
    return dir.file(name);
  };
  const rust = await program('rust', 'virtiofsd 1.13.2');
  const other = await program('other', 'something else');
  expect(await findVirtiofsd([other, rust])).toEqual({ file: rust, isInC: false });
  expect(await findVirtiofsd([other])).toMatchObject({
    problem: expect.stringContaining(`${other} cannot be used`) as string,
  });
  expect(await findVirtiofsd([])).toMatchObject({ problem: expect.stringContaining('it is not installed') as string });
});

test('a folder is passed as it is named', () => {
  expect(argumentsOf({ file: '', isInC: true }, '/s', '/a,b')).toContain('source=/a\\,b');
  expect(argumentsOf({ file: '', isInC: false }, '/s', '/a,b')).toContain('--shared-dir=/a,b');
});

test('a machine without such folders has no memory to share', () => {
  expect(folderArgs([], 512)).toEqual([]);
  const args = folderArgs([{ kind: 'virtiofs', id: 'a1', socket: '/m/a1.sock' }], 512);
  expect(args).toContain('memory-backend-memfd,id=ram,size=512M,share=on');
  expect(args).toContain('vhost-user-fs-pci,chardev=folder-a1,tag=a1');
});

test('servers end when they are told to, and leave nothing', async () => {
  await using dir = await scratchDir();
  const server = dir.file('server');
  // As much of a virtiofsd as it takes: it says who it is, and makes its socket.
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo 'virtiofsd 1.0' && exit\n: >"\${1#--socket-path=}"\nexec sleep 100\n`;
  await writeFile(server, script);
  await chmod(server, 0o755);
  const files = qemuFiles(dir.file(''));
  const served = await serveFolders(
    [
      { id: 'one', folder: '/one' },
      { id: 'two', folder: '/two' },
    ],
    files,
    [server],
  );
  expect(served.map(({ id }) => id)).toEqual(['one', 'two']);
  const identity = await readPidFile(dir.file('one.virtiofs.pid'));
  expect(identity && (await isAlive(identity))).toBe(true);
  await endFolderServers(files);
  expect(identity && (await isAlive(identity))).toBe(false);
  expect((await readdir(dir.file(''))).filter((name) => name.includes('virtiofs'))).toEqual([]);
});

test('a server that ends at once is a start that failed, with what it said', async () => {
  await using dir = await scratchDir();
  const server = dir.file('server');
  await writeFile(
    server,
    `#!/bin/sh\n[ "$1" = --version ] && echo 'virtiofsd 1.0' && exit\necho 'no such folder'; exit 1\n`,
  );
  await chmod(server, 0o755);
  const files = qemuFiles(dir.file(''));
  await expect(serveFolders([{ id: 'one', folder: '/one' }], files, [server])).rejects.toThrow(
    '/one to the machine: no such folder',
  );
});
