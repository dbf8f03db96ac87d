import { SystemError } from '../api/index.ts';
import { record } from '../containers/files/tar-headers.ts';
import { plainCapability } from './file-capability.ts';
import { blockBytes, sizeAt, sizeBytes, sumHeader, writeNumber } from './tar-header.ts';

/** What an extended header says instead of the plain one. */
export interface PaxSays {
  uid?: number;
  gid?: number;
  /** Of the content. */
  size?: number;
}

const owners: readonly string[] = ['uid', 'gid', 'uname', 'gname'];
const capability = 'SCHILY.xattr.security.capability';

/** Takes the owners out of an extended header's records: the plain header is to say them. */
export function mapRecords(body: Buffer): { says: PaxSays; blocks: (header: Buffer) => Generator<Buffer> } {
  const says: PaxSays = {};
  const kept: Buffer[] = [];
  for (const { key, value, bytes } of readRecords(body)) {
    if (key === 'uid' || key === 'gid' || key === 'size') says[key] = Number(value.toString('latin1'));
    if (key === capability) kept.push(record(key, plainCapability(value)));
    else if (!owners.includes(key)) kept.push(bytes);
  }
  const content = Buffer.concat(kept);
  return { says, blocks: (header) => blocks(header, content) };
}

/** No header at all where no record is left. */
function* blocks(header: Buffer, content: Buffer): Generator<Buffer> {
  if (content.length === 0) return;
  const own = Buffer.from(header);
  writeNumber(own, sizeAt, { bytes: sizeBytes, value: content.length });
  sumHeader(own);
  yield own;
  yield content;
  yield Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
}

/** 'LENGTH KEY=VALUE\n', where the length counts itself. */
function* readRecords(body: Buffer): Generator<{ key: string; value: Buffer; bytes: Buffer }> {
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(' ', at);
    const length = Number(body.subarray(at, space).toString('latin1'));
    const equals = body.indexOf('=', space);
    const end = at + length;
    if (space < 0 || equals < 0 || !(length > 0) || equals >= end || end > body.length) {
      throw new SystemError('archive/tar: invalid tar header');
    }
    const key = body.subarray(space + 1, equals).toString('utf8');
    yield { key, value: body.subarray(equals + 1, end - 1), bytes: body.subarray(at, end) };
    at = end;
  }
}
