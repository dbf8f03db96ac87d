import { expect, test } from 'vitest';
import { RawAttributes, type Attributes } from './raw-attributes.ts';
import { tarEnd, tarHeaders, tarPadding } from './tar-headers.ts';

const binary = Buffer.from([0, 1, 0xff, 0x0a, 0x3d, 0x80]);
const entry = (name: string, content: string, attributes: Attributes | null = null) => {
  const about = { uid: 1, gid: 2, mode: 0o644, mtimeSeconds: 3, header: {}, attributes };
  const headers = tarHeaders({ ...about, name, type: 'file', size: content.length });
  return Buffer.concat([headers, Buffer.from(content), tarPadding(content.length)]);
};
const archive = Buffer.concat([
  entry('plain', 'x'.repeat(1000)),
  entry('with', 'y', new Map([['user.a', binary], ['security.b', Buffer.from('text')]])), // prettier-ignore
  entry('empty', ''),
  entry('long', 'z'.repeat(512), new Map([['user.long', Buffer.alloc(5000, 7)]])),
  tarEnd,
]);

test.each([1, 7, 511, 512, 513, 100_000])('attributes come as bytes, in pieces of %i', (size) => {
  const attributes = new RawAttributes();
  for (let at = 0; at < archive.length; at += size) attributes.push(archive.subarray(at, at + size));
  const found = Array.from({ length: 4 }, () => attributes.next());
  expect(found[0]).toBeNull();
  expect([...(found[1] ?? [])]).toEqual([['user.a', binary], ['security.b', Buffer.from('text')]]); // prettier-ignore
  expect(found[2]).toBeNull();
  expect(found[3]?.get('user.long')).toEqual(Buffer.alloc(5000, 7));
  expect(attributes.next()).toBeNull();
});
