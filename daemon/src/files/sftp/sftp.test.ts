import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { duplexPair, type Duplex } from 'node:stream';
import { attributes, openFlag, requestType, status, text, uint32, uint64 } from '@berth/guest-agent/sftp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RememberedAttributes } from '../remembered-attributes.ts';
import { SharedFolder } from '../shared-folder.ts';
import { SftpClient } from '../testing/sftp-client.ts';
import { serveSftp } from './server.ts';

const { read, write, append, create, truncate, exclusive } = openFlag;
const none = attributes({});

let root: string;
let remembered: RememberedAttributes;
let client: SftpClient;
let stream: Duplex;
let served: Promise<void>;

function connect(): void {
  const [near, far] = duplexPair();
  served = serveSftp(far, new SharedFolder(path.join(root, 'share'), { remembered, report: async () => undefined }));
  stream = near;
  client = new SftpClient(near);
}

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'berth-')));
  await mkdir(path.join(root, 'share'));
  remembered = await RememberedAttributes.open(path.join(root, 'attributes.json'));
  connect();
});
afterEach(async () => {
  stream.destroy();
  await served;
  await remembered[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});
const at = (name: string) => path.join(root, 'share', name);

test('what is written to a handle is there, and is read back, in pieces and past the end', async () => {
  const handle = await client.open('/file', read | write | create, { permissions: 0o640 });
  expect(await Promise.all([client.write(handle, 0, 'hello '), client.write(handle, 6, 'world')])).toEqual([0, 0]);
  expect(await client.read(handle, 6, 100)).toBe('world');
  expect(await client.read(handle, 11, 100)).toBe(status.eof);
  expect(await client.status(requestType.extended, text('fsync@openssh.com'), text(handle))).toBe(status.ok);
  expect(await client.status(requestType.close, text(handle))).toBe(status.ok);
  expect(await readFile(at('file'), 'utf8')).toBe('hello world');
  expect((await stat(at('file'))).mode & 0o777).toBe(0o640);
});

test('a request sees what the ones before it did, although nobody waited', async () => {
  const asked = [
    client.status(requestType.mkdir, text('/d'), none),
    client.open('/d/f', write | create),
    client.lstat('/d/f'),
    client.status(requestType.remove, text('/d/f')),
    client.status(requestType.rmdir, text('/d')),
    client.lstat('/d'),
  ];
  const [made, , attrs, removed, gone, missing] = await Promise.all(asked);
  expect([made, removed, gone, missing]).toEqual([0, 0, 0, 'ENOENT']);
  expect(attrs).toMatchObject({ size: 0 });
});

test('appending goes to the end as it is then', async () => {
  await writeFile(at('log'), 'one\n');
  const handle = await client.open('/log', write | append);
  await writeFile(at('log'), 'two\n', { flag: 'a' });
  await client.write(handle, 4, 'three\n');
  expect(await readFile(at('log'), 'utf8')).toBe('one\ntwo\nthree\n');
});

test('opening makes, empties and refuses as it is told', async () => {
  await writeFile(at('f'), 'text');
  await expect(client.open('/f', write | create | exclusive)).rejects.toMatchObject({ status: 'EEXIST' });
  await expect(client.open('/none', read)).rejects.toMatchObject({ status: 'ENOENT' });
  await client.open('/f', write | create | truncate);
  expect(await readFile(at('f'), 'utf8')).toBe('');
});

test('renames: over an existing file only where that was meant', async () => {
  await writeFile(at('a'), 'a');
  await writeFile(at('b'), 'b');
  const reading = await client.open('/b', read);
  expect(await client.status(requestType.rename, text('/a'), text('/b'))).toBe('EEXIST');
  const posix = [text('posix-rename@openssh.com'), text('/a'), text('/b')];
  expect(await client.status(requestType.extended, ...posix)).toBe(status.ok);
  expect(await readFile(at('b'), 'utf8')).toBe('a');
  expect(await client.read(reading, 0, 9)).toBe('b');
});

test('links of both kinds, sizes and times', async () => {
  await writeFile(at('f'), 'text');
  expect(await client.status(requestType.symlink, text('../outside'), text('/l'))).toBe(0);
  const link = await client.ask(requestType.readlink, text('/l'));
  expect([link.fields.uint32(), link.fields.text()]).toEqual([1, '../outside']);
  expect(await client.status(requestType.extended, text('hardlink@openssh.com'), text('/f'), text('/h'))).toBe(0);
  const changed = { size: 2, times: { accessedNs: 1_000_000_000_000n, modifiedNs: 2_500_000_000n } };
  expect(await client.status(requestType.setstat, text('/h'), attributes(changed))).toBe(0);
  expect(await client.lstat('/f')).toMatchObject({ ...changed, identity: { links: 2 } });
});

test('lists large folders whole', async () => {
  await Promise.all(Array.from({ length: 300 }, (_, i) => writeFile(at(`f${i}`), '')));
  expect(await client.list('/')).toEqual((await readdir(at(''))).sort());
});

test.each(['/../secret', '/a/../../secret', '/out/secret', '/out/../../secret', '../secret'])(
  'no path leads out: %s',
  async (file) => {
    await writeFile(path.join(root, 'secret'), 'x');
    await symlink(root, at('out'));
    await expect(client.open(file, read)).rejects.toBeInstanceOf(Error);
    expect(await client.status(requestType.remove, text(file))).not.toBe(status.ok);
    const made = `${path.posix.dirname(file)}/made`;
    await client.open(made, write | create).catch(() => undefined);
    expect(await readdir(root)).not.toContain('made');
    expect(await readFile(path.join(root, 'secret'), 'utf8')).toBe('x');
  },
);

test('a link itself is not followed when its file is opened', async () => {
  await writeFile(path.join(root, 'secret'), 'x');
  await symlink('../secret', at('l'));
  await expect(client.open('/l', read)).rejects.toMatchObject({ status: 'ELOOP' });
});

test('owners and modes are taken or remembered, by every name of the file, until it goes', async () => {
  await writeFile(at('f'), '');
  expect(await client.status(requestType.setstat, text('/f'), attributes({ owner: { uid: 70, gid: 71 } }))).toBe(0);
  expect(await client.status(requestType.setstat, text('/f'), attributes({ permissions: 0o400 }))).toBe(0);
  await client.status(requestType.rename, text('/f'), text('/g'));
  const owned = { owner: { uid: 70, gid: 71 }, permissions: 0o100400 };
  expect(await client.lstat('/g')).toMatchObject(owned);
  await remembered[Symbol.asyncDispose]();
  remembered = await RememberedAttributes.open(path.join(root, 'attributes.json'));
  stream.destroy();
  await served;
  connect();
  expect(await client.lstat('/g')).toMatchObject(owned);
  await client.status(requestType.remove, text('/g'));
  expect(remembered.isEmpty).toBe(true);
});

test('a mode that shuts the host’s user out does not shut containers out', async () => {
  await writeFile(at('f'), 'text');
  expect(await client.status(requestType.setstat, text('/f'), attributes({ permissions: 0 }))).toBe(0);
  expect(await client.read(await client.open('/f', read), 0, 9)).toBe('text');
  expect(await client.lstat('/f')).toMatchObject({ permissions: 0o100000 });
  expect(await client.status(requestType.mkdir, text('/d'), attributes({ permissions: 0o500 }))).toBe(0);
  await client.open('/d/f', write | create);
  expect(await client.lstat('/d')).toMatchObject({ permissions: 0o040500 });
  await chmod(at('f'), 0o600);
});

test('a handle of a server that is gone holds at the next; a listing does not', async () => {
  const handle = await client.open('/f', read | write | create);
  await client.write(handle, 0, 'one');
  const folder = (await client.ask(requestType.opendir, text('/'))).fields.bytes();
  stream.destroy();
  await served;
  connect();
  expect(await client.write(handle, 3, ' two')).toBe(status.ok);
  expect(await client.read(handle, 0, 100)).toBe('one two');
  expect(await client.status(requestType.readdir, text(folder))).toBe(status.badHandle);
  expect(await client.status(requestType.close, text(handle))).toBe(status.ok);
});

test('what it does not know, and what it cannot do, has an answer', async () => {
  expect(await client.status(99)).toBe(status.unsupported);
  expect(await client.status(requestType.extended, text('nothing@example'))).toBe(status.unsupported);
  expect(await client.status(requestType.open, uint32(7))).toBe(status.badMessage);
  expect(await client.read(Buffer.from('no handle'), 0, 1)).toBe(status.badHandle);
  expect(await client.status(requestType.write, text('x'), uint64(0), text('y'))).toBe(status.badHandle);
  await mkdir(at('d'));
  await writeFile(at('d/f'), '');
  expect(await client.status(requestType.rmdir, text('/d'))).toBe('ENOTEMPTY');
  expect(await client.status(requestType.mkdir, text('/d'), none)).toBe('EEXIST');
});

test('a client that speaks something else is let go', async () => {
  stream.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await served;
});
