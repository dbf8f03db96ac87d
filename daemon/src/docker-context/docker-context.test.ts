import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchDir } from '../vm/testing/scratch-dir.ts';
import { contextFiles, contextName, findContext } from './context-store.ts';
import { readCurrentContext, writeCurrentContext } from './current-context.ts';
import { ensureContext } from './ensure-context.ts';
import { overrideNote } from './override.ts';
import { removeContext } from './remove-context.ts';

const target = { home: '/home/me/.berth', dockerHost: 'unix:///home/me/.berth/docker.sock' };
const elsewhere = { home: '/srv/berth', dockerHost: 'unix:///srv/berth/docker.sock' };

async function putContext(configDir: string, text: string): Promise<string> {
  const { metaDir, meta } = contextFiles(configDir, contextName);
  await mkdir(metaDir, { recursive: true });
  await writeFile(meta, text);
  return meta;
}

test('makes the context once, follows the socket and leaves nothing else in its folder', async () => {
  await using dir = await scratchDir();
  expect(await findContext(dir.path, contextName)).toEqual({ kind: 'absent' });
  expect(await ensureContext(dir.path, target)).toBe('made');
  expect(await ensureContext(dir.path, target)).toBe('unchanged');
  expect(await findContext(dir.path, contextName)).toMatchObject({ kind: 'own', host: target.dockerHost });
  expect(await ensureContext(dir.path, elsewhere)).toBe('updated');
  expect(await findContext(dir.path, contextName)).toMatchObject({ kind: 'own', host: elsewhere.dockerHost });
  expect(await readdir(contextFiles(dir.path, contextName).metaDir)).toEqual(['meta.json']);
});

test('a description that the user has given it stays', async () => {
  await using dir = await scratchDir();
  const own = '{"Name":"berth","Metadata":{"BerthHome":"/old","Description":"mine"},"Endpoints":{}}';
  await putContext(dir.path, own);
  expect(await ensureContext(dir.path, target)).toBe('updated');
  const found = await findContext(dir.path, contextName);
  expect(found).toMatchObject({
    host: target.dockerHost,
    meta: { Metadata: { Description: 'mine', BerthHome: target.home } },
  });
  expect(await ensureContext(dir.path, target)).toBe('unchanged');
});

test.each([
  ['of another engine', '{"Name":"berth","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://a:1"}}}', 'tcp://a:1'],
  ['without endpoints', '{"Name":"berth"}', null],
  ['that is no JSON', '{', null],
  ['that is null', 'null', null],
])('a context %s is somebody else’s and stays', async (_name, text, host) => {
  await using dir = await scratchDir();
  const meta = await putContext(dir.path, text);
  expect(await findContext(dir.path, contextName)).toEqual({ kind: 'foreign', host });
  expect(await ensureContext(dir.path, target)).toBe('foreign');
  expect(await removeContext(dir.path)).toBe('foreign');
  expect(await readFile(meta, 'utf8')).toBe(text);
});

test('removing lets go of the context first when it is in use', async () => {
  await using dir = await scratchDir();
  expect(await removeContext(dir.path)).toBe('absent');
  await ensureContext(dir.path, target);
  await writeCurrentContext(dir.path, contextName);
  expect(await removeContext(dir.path)).toBe('removed');
  expect(await readCurrentContext(dir.path)).toBeNull();
  expect(await findContext(dir.path, contextName)).toEqual({ kind: 'absent' });
});

test('removing leaves another choice alone', async () => {
  await using dir = await scratchDir();
  await ensureContext(dir.path, target);
  await writeCurrentContext(dir.path, 'work');
  expect(await removeContext(dir.path)).toBe('removed');
  expect(await readCurrentContext(dir.path)).toBe('work');
});

test('choosing keeps the rest of config.json, its mode and a link to it', async () => {
  await using dir = await scratchDir();
  const real = dir.file('dotfiles.json');
  const link = dir.file('config.json');
  await writeFile(real, '{"auths":{"a":{}},"currentContext":"x","credsStore":"s"}', { mode: 0o640 });
  await symlink(real, link);
  await writeCurrentContext(dir.path, contextName);
  expect(JSON.parse(await readFile(real, 'utf8'))).toEqual({
    auths: { a: {} },
    credsStore: 's',
    currentContext: contextName,
  });
  expect((await stat(real)).mode & 0o777).toBe(0o640);
  expect(await readFile(link, 'utf8')).toContain('\t"credsStore": "s"');
});

test.each(['{', '[]', '"x"'])('a config.json of %s is named and not touched', async (text) => {
  await using dir = await scratchDir();
  await writeFile(dir.file('config.json'), text);
  await expect(writeCurrentContext(dir.path, contextName)).rejects.toThrow(path.join(dir.path, 'config.json'));
  expect(await readFile(dir.file('config.json'), 'utf8')).toBe(text);
});

test.each([
  [{ dockerHost: null, dockerContext: null }, null],
  [{ dockerHost: target.dockerHost, dockerContext: 'x' }, null],
  [{ dockerHost: null, dockerContext: contextName }, null],
  [{ dockerHost: 'tcp://b:1', dockerContext: contextName }, /^DOCKER_HOST is tcp:\/\/b:1: .*unset DOCKER_HOST/],
  [{ dockerHost: null, dockerContext: 'x' }, /^DOCKER_CONTEXT is x: .*unset DOCKER_CONTEXT/],
])('what overrides the choice: %o', (variables, note) => {
  const said = overrideNote(variables, target.dockerHost);
  if (note === null) expect(said).toBeNull();
  else expect(said).toMatch(note);
});
