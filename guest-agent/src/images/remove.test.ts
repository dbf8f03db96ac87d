import { expect, it } from 'vitest';
import type { ImageRecord } from './image-store.ts';
import { parseNamed } from './reference.ts';
import { sameRepository } from './remove.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const record = (name: string): ImageRecord => ({
  name,
  labels: {},
  target: { mediaType: '', digest, size: 1, annotations: {} },
  createdAt: undefined,
  updatedAt: undefined,
});
const x1 = record('docker.io/library/x:1');
const x2 = record('docker.io/library/x:2');
const xDigest = record(`docker.io/library/x@${digest}`);
const y1 = record('docker.io/library/y:1');
const dangling = record(`moby-dangling@${digest}`);

it.each([
  { case: 'a tag goes alone', wanted: 'x:1', all: [x1, x2, y1], expected: [x1] },
  { case: 'its digest goes with the only tag', wanted: 'x:1', all: [x1, xDigest, y1], expected: [x1, xDigest] },
  { case: 'a digest stays while there is another tag', wanted: 'x:1', all: [x1, x2, xDigest], expected: [x1] },
  { case: 'a digest takes all tags', wanted: `x@${digest}`, all: [x1, x2, xDigest, y1], expected: [x1, x2, xDigest] },
  { case: 'what has no name always goes', wanted: 'x:1', all: [x1, dangling], expected: [x1, dangling] },
  { case: 'without a name the first one leads', wanted: undefined, all: [x1, x2, y1], expected: [x1] },
  { case: 'another repository is left alone', wanted: 'z:1', all: [x1, y1], expected: [] },
])('$case', ({ wanted, all, expected }) => {
  expect(sameRepository(wanted === undefined ? undefined : parseNamed(wanted), all)).toEqual(expected);
});
