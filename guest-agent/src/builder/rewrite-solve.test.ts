import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { exporterResponse, rewriteSolve } from './rewrite-solve.ts';

const field = (number: number, content: string | Uint8Array) =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(Buffer.from(content)).finish();
const entry = (number: number, key: string, value: string) =>
  field(number, Buffer.concat([field(1, key), field(2, value)]));
const request = (...fields: Uint8Array[]) => Buffer.concat(fields);
const exporter = (type: string, attributes: Record<string, string>) =>
  field(13, request(field(1, type), ...Object.entries(attributes).map(([key, value]) => entry(2, key, value))));

const reference = field(1, 'some-id');
const isInternal = new BinaryWriter().tag(11, WireType.Varint).bool(true).finish();
const imageAttributes = (name: string) => ({
  ...{ 'dangling-name-prefix': 'moby-dangling', name, unpack: 'true', 'danging-name-empty-only': 'true' },
});

describe('rewriteSolve', () => {
  it('leaves what other exporters are asked for as it is', () => {
    const given = request(reference, field(3, 'local'), entry(4, 'dest', 'x'), isInternal, exporter('oci', { a: 'b' }));
    expect(Buffer.from(rewriteSolve(given))).toEqual(given);
  });

  it("puts the image exporter in the place of Docker's, with full names", () => {
    const given = request(reference, exporter('moby', { name: 'one,host:5000/two:2' }), isInternal);
    const names = 'docker.io/library/one:latest,host:5000/two:2';
    const expected = request(reference, exporter('image', imageAttributes(names)), isInternal);
    expect(Buffer.from(rewriteSolve(given))).toEqual(expected);
  });

  it('does the same in the fields of older clients', () => {
    const given = request(reference, field(3, 'moby'), entry(4, 'push', 'true'), isInternal);
    const { 'dangling-name-prefix': prefix, ...rest } = imageAttributes('');
    const attributes = { 'dangling-name-prefix': prefix, push: 'true', ...rest };
    const entries = Object.entries(attributes).map(([key, value]) => entry(4, key, value));
    expect(Buffer.from(rewriteSolve(given))).toEqual(request(reference, isInternal, field(3, 'image'), ...entries));
  });

  it('refuses what is no request', () => {
    expect(() => rewriteSolve(Buffer.from([0x0a, 0xff]))).toThrow();
    expect(() => rewriteSolve(exporter('moby', { name: 'NOT A NAME' }))).toThrow('invalid reference format');
  });
});

describe('exporterResponse', () => {
  it('reads the map', () => {
    expect(exporterResponse(request(entry(1, 'image.name', 'a,b'), entry(1, 'x', '')))).toEqual({
      'image.name': 'a,b',
      x: '',
    });
  });
});
