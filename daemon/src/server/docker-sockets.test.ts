import { once } from 'node:events';
import { link, lstat, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { scratchDir, type ScratchDir } from '../vm/testing/scratch-dir.ts';
import { DockerSockets, linkedSockets } from './docker-sockets.ts';
import { listenIfFree } from './listen.ts';

async function listening(file: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy()).listen(file);
  await once(server, 'listening');
  return { [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) };
}

const linked = (target: string, places: readonly string[], alsoListen = async (_pipe: string) => false) =>
  DockerSockets.link(target, { places, alsoListen });

/** A socket's file whose server died, as a killed engine leaves it. */
async function deadSocket(dir: ScratchDir, name: string): Promise<void> {
  await using _server = await listening(dir.file('short-lived'));
  await link(dir.file('short-lived'), dir.file(name));
}

test('a link is made with the folders on the way, and taken away again', async () => {
  await using dir = await scratchDir();
  const [target, place] = [dir.file('docker.sock'), dir.file('a/run/docker.sock')];
  await using _engine = await listening(target);
  const sockets = await linked(target, [place]);
  expect(sockets.warnings).toEqual([]);
  expect(await readlink(place)).toBe(target);
  expect(await linkedSockets(target, [place, dir.file('other')])).toEqual([place]);
  await sockets[Symbol.asyncDispose]();
  expect(await readdir(dir.file('a/run'))).toEqual([]);
});

test('what nobody serves any more is replaced: a dead socket, a link to nothing, a link of our own', async () => {
  await using dir = await scratchDir();
  const target = dir.file('docker.sock');
  await deadSocket(dir, 'dead');
  await symlink(dir.file('nowhere'), dir.file('dangling'));
  await symlink(target, dir.file('ours'));
  const places = ['dead', 'dangling', 'ours'].map((name) => dir.file(name));
  expect((await linked(target, places)).warnings).toEqual([]);
  expect(await Promise.all(places.map((place) => readlink(place)))).toEqual([target, target, target]);
});

test("somebody else's is left: a live socket, a link to one, a file; each with a warning", async () => {
  await using dir = await scratchDir();
  await using _other = await listening(dir.file('live'));
  await symlink(dir.file('live'), dir.file('link'));
  await writeFile(dir.file('file'), 'notes');
  const places = ['live', 'link', 'file', 'file/below'].map((name) => dir.file(name));
  const sockets = await linked(dir.file('docker.sock'), places);
  expect(sockets.warnings).toEqual([
    `${places[0]} is served by another engine: it is left as it is`,
    `${places[1]} is served by another engine: it is left as it is`,
    `${places[2]} is no socket: it is left as it is`,
    `${places[3]} cannot be linked (EEXIST)`,
  ]);
  await sockets[Symbol.asyncDispose]();
  expect((await lstat(dir.file('live'))).isSocket()).toBe(true);
  expect(await readlink(dir.file('link'))).toBe(dir.file('live'));
});

test('a link that somebody else has taken over meanwhile is not taken away', async () => {
  await using dir = await scratchDir();
  const place = dir.file('place');
  const sockets = await linked(dir.file('docker.sock'), [place]);
  await rm(place);
  await using _other = await listening(place);
  await sockets[Symbol.asyncDispose]();
  expect((await lstat(place)).isSocket()).toBe(true);
});

test('a pipe is served where it is free, and else left with a warning', async () => {
  const [free, taken] = ['//./pipe/docker_engine', '//./pipe/other'] as const;
  const sockets = await linked('//./pipe/berth_engine', [free, taken], async (pipe) => pipe === free);
  expect(sockets.warnings).toEqual([`${taken} is served by another engine: it is left as it is`]);
  await sockets[Symbol.asyncDispose]();
});

test('a server serves another address that is free, and none that somebody has', async () => {
  await using dir = await scratchDir();
  await using _other = await listening(dir.file('taken'));
  const server = createServer((socket) => socket.end('hello')).listen(dir.file('first'));
  await once(server, 'listening');
  expect(await listenIfFree(server, dir.file('taken'))).toBeNull();
  const door = (await listenIfFree(server, dir.file('second')))!;
  expect(await text(connect(dir.file('second')))).toBe('hello');
  await door[Symbol.asyncDispose]();
  await expect(lstat(dir.file('second'))).rejects.toThrow('ENOENT');
  await once(server.close(), 'close');
});
