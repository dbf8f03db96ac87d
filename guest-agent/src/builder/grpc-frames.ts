import { Transform } from 'node:stream';

/** gRPC puts five bytes before each message: is it compressed, and how long it is. */
const headBytes = 5;

export function frame(message: Uint8Array): Buffer {
  return Buffer.concat([frameHead(message.length), message]);
}

function frameHead(length: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(length, 1);
  return head;
}

/** The one message of a call; null where it is compressed or not all there. */
export function onlyMessage(bytes: Buffer): Buffer | null {
  if (bytes.length < headBytes || bytes[0] !== 0) return null;
  const end = headBytes + bytes.readUInt32BE(1);
  return bytes.length === end ? bytes.subarray(headBytes) : null;
}

/** Bytes in, frames of a message whose only field, the first, is those bytes (BytesMessage of control.proto) out. */
export function packBytes(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const field = bytesFieldHead(chunk.length);
      this.push(Buffer.concat([frameHead(field.length + chunk.length), field]));
      done(null, chunk);
    },
  });
}

/** The way back. */
export function unpackBytes(): Transform {
  const pending = new Pending();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      pending.add(chunk);
      for (let message = pending.next(); message !== null; message = pending.next()) {
        const content = bytesFieldOf(message);
        if (content.length > 0) this.push(content);
      }
      done();
    },
  });
}

/** Chunks that wait until a frame is whole, joined once. */
class Pending {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes that have to be there before it is worth a look. */
  #wanted = headBytes;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  next(): Buffer | null {
    if (this.#length < this.#wanted) return null;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    const end = headBytes + bytes.readUInt32BE(1);
    this.#wanted = end;
    if (bytes.length < end) return null;
    this.#chunks = [bytes.subarray(end)];
    this.#length = bytes.length - end;
    this.#wanted = headBytes;
    return bytes.subarray(headBytes, end);
  }
}

const bytesFieldTag = 0x0a;

function bytesFieldHead(length: number): Buffer {
  const head = [bytesFieldTag];
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return Buffer.from([...head, rest]);
}

function bytesFieldOf(message: Buffer): Buffer {
  if (message.length === 0) return message;
  let at = 1;
  while (((message[at] ?? 0) & 0x80) !== 0) at++;
  return message.subarray(at + 1);
}
