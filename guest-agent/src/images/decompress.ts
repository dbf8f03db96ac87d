import { spawn } from 'node:child_process';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { SystemError } from '../api/errors.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

const magic: ReadonlyArray<readonly [Compression, number[]]> = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

export function detectCompression(head: Uint8Array): Compression {
  return magic.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0] ?? 'none';
}

/** The stream from its beginning, and what its first bytes say about it. */
export async function sniff(source: Readable): Promise<{ compression: Compression; stream: Readable }> {
  const iterator = source.iterator({ destroyOnReturn: true })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head = Buffer.alloc(0);
  while (head.length < 6) {
    const { done, value } = await iterator.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return { compression: detectCompression(head), stream: Readable.from(resume(head, iterator), { objectMode: false }) };
}

async function* resume(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, void> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** The plain bytes of a stream, whatever it is compressed with. Destroying the result destroys the source. */
export async function decompress(source: Readable): Promise<Readable> {
  const { compression, stream } = await sniff(source);
  return decompressAs(compression, stream);
}

export function decompressAs(compression: Compression, stream: Readable): Readable {
  if (compression === 'none') return stream;
  if (compression === 'xz' || compression === 'bzip2') return throughProgram(compression, stream);
  const plain = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  // The error surfaces where the result is read.
  return pipeline(stream, plain, () => {});
}

/** Node has neither format built in; both are rare, and their programs are small. */
function throughProgram(program: string, stream: Readable): Readable {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = new PassThrough();
  const complaint: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaint.length < 16 && complaint.push(chunk));
  pipeline(stream, child.stdin, () => {});
  child.stdout.pipe(output, { end: false });
  child.once('error', (error) => output.destroy(new SystemError(`cannot run ${program}`, { cause: error })));
  child.once('close', (code) => {
    if (code === 0) output.end();
    else output.destroy(new SystemError(`${program}: ${Buffer.concat(complaint).toString().trim()}`));
  });
  output.once('close', () => child.kill('SIGKILL'));
  return output;
}
