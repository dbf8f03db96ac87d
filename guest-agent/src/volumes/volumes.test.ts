import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Filters, parseFilters } from '../api/engine/filters.ts';
import { ConflictError, InvalidParameterError, NotFoundError } from '../api/errors.ts';
import { Volumes } from './volumes.ts';

let root: string;
let volumes: Volumes;
let events: string[];
const users = new Map<string, string[]>();
const request = { driver: '', options: null, labels: null };

const open = () =>
  Volumes.open({
    root,
    use: { containersUsing: (name) => users.get(name) ?? [] },
    events: { publish: ({ Action, Actor }) => void events.push(`${Action} ${Actor.ID}`) },
  });

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'berth-volumes-'));
  events = [];
  users.clear();
  volumes = await open();
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('create', () => {
  it('answers an existing volume as it is', async () => {
    await volumes.create({ ...request, name: 'v1', labels: { a: 'b' } });
    await volumes.create({ ...request, name: 'v1', labels: { a: 'c' } });
    expect(volumes.inspect('v1').Labels).toEqual({ a: 'b' });
    expect(events).toEqual(['create v1']);
  });

  it('marks volumes without a name', async () => {
    const { name } = await volumes.create({ ...request, name: '' });
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(volumes.inspect(name).Labels).toEqual({ 'com.docker.volume.anonymous': '' });
  });

  it.each([
    [{ name: 'x' }, InvalidParameterError, 'create x: volume name is too short, names should be at least two'],
    [{ name: 'a/b' }, InvalidParameterError, 'create a/b: "a/b" includes invalid characters for a local volume name'],
    [{ name: '..' }, InvalidParameterError, 'includes invalid characters'],
    [{ name: 'v2', driver: 'nope' }, NotFoundError, 'error looking up volume plugin nope: plugin "nope" not found'],
    [{ name: 'v2', options: { foo: 'bar' } }, InvalidParameterError, 'create v2: invalid option: "foo"'],
    [{ name: 'v2', options: { type: 'tmpfs' } }, InvalidParameterError, 'missing required option: "device"'],
  ])('refuses %o', async (bad, errorClass, message) => {
    const creation = volumes.create({ ...request, ...bad });
    await expect(creation).rejects.toThrow(errorClass);
    await expect(creation).rejects.toThrow(message);
    expect(await readdir(root)).toEqual([]);
  });
});

describe('restart', () => {
  it('keeps volumes and clears away what was half made', async () => {
    await volumes.create({ ...request, name: 'v1', labels: { a: 'b' } });
    await mkdir(path.join(root, '.new-0123', '_data'), { recursive: true });
    const before = volumes.inspect('v1');
    const again = await open();
    expect(again.list(new Filters()).Volumes).toEqual([before]);
    expect(await readdir(root)).toEqual(['v1']);
  });
});

describe('remove', () => {
  it('refuses while a container has it, forced or not', async () => {
    await volumes.create({ ...request, name: 'v1' });
    users.set('v1', ['abc']);
    await expect(volumes.remove('v1', true)).rejects.toThrow(new ConflictError('remove v1: volume is in use - [abc]'));
    users.clear();
    await volumes.remove('v1', false);
    expect(await readdir(root)).toEqual([]);
    expect(events).toEqual(['create v1', 'destroy v1']);
  });

  it('forgives a missing one only when forced', async () => {
    await expect(volumes.remove('nope', false)).rejects.toThrow(new NotFoundError('get nope: no such volume'));
    await volumes.remove('nope', true);
  });
});

describe('prune', () => {
  it('takes unused anonymous volumes, or all of them, but none with options', async () => {
    const { name: anonymous, mountpoint } = await volumes.create({ ...request, name: '' });
    await writeFile(path.join(mountpoint, 'f'), '12345');
    await volumes.create({ ...request, name: 'named' });
    await volumes.create({ ...request, name: 'used' });
    await volumes.create({ ...request, name: 'opts', options: { type: 'tmpfs', device: 'tmpfs' } });
    users.set('used', ['abc']);
    expect(await volumes.prune(new Filters())).toEqual({ VolumesDeleted: [anonymous], SpaceReclaimed: 5 });
    const all = parseFilters('{"all":["true"]}');
    expect(await volumes.prune(all)).toEqual({ VolumesDeleted: ['named'], SpaceReclaimed: 0 });
    expect(events.at(-1)).toBe('prune ');
  });
});

describe('list', () => {
  it('filters', async () => {
    await volumes.create({ ...request, name: 'aa', labels: { k: 'v' } });
    await volumes.create({ ...request, name: 'ab' });
    users.set('ab', ['abc']);
    const names = (json: string) => volumes.list(parseFilters(json)).Volumes.map(({ Name }) => Name);
    expect(names('{"name":["a"]}')).toEqual(['aa', 'ab']);
    expect(names('{"label":["k=v"]}')).toEqual(['aa']);
    expect(names('{"dangling":["true"]}')).toEqual(['aa']);
    expect(names('{"driver":["nfs"]}')).toEqual([]);
    expect(() => names('{"x":["y"]}')).toThrow(new InvalidParameterError("invalid filter 'x'"));
  });
});
