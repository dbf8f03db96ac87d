import type { OutputPiece } from '../api/streams.ts';

/** stdout is 1 and stderr 2 in the first byte of a frame's header; its length is in the last four, big-endian. */
const headerBytes = 8;

/** Takes Docker's multiplexed stream apart, wherever its pieces are cut; characters stay whole. */
export class Demultiplexer {
  #rest: Buffer = Buffer.alloc(0);
  #left = 0;
  #stream: OutputPiece['stream'] = 'stdout';
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #framed: boolean;

  /** `framed`: false for a container with a terminal, whose output is one stream without headers. */
  constructor(framed: boolean) {
    this.#framed = framed;
  }

  push(chunk: Buffer): OutputPiece[] {
    if (!this.#framed) return [this.#piece(chunk)];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: OutputPiece[] = [];
    while (bytes.length > 0) {
      if (this.#left === 0) {
        if (bytes.length < headerBytes) break;
        this.#stream = bytes[0] === 2 ? 'stderr' : 'stdout';
        this.#left = bytes.readUInt32BE(4);
        bytes = bytes.subarray(headerBytes);
      }
      const payload = bytes.subarray(0, this.#left);
      this.#left -= payload.length;
      bytes = bytes.subarray(payload.length);
      append(pieces, this.#piece(payload));
    }
    this.#rest = Buffer.from(bytes);
    return pieces;
  }

  #piece(payload: Buffer): OutputPiece {
    return { stream: this.#stream, text: this.#decoders[this.#stream].decode(payload, { stream: true }) };
  }
}

/** Neighbours of one stream become one piece: a frame is often no more than a line. */
function append(pieces: OutputPiece[], piece: OutputPiece): void {
  const last = pieces.at(-1);
  if (last?.stream === piece.stream) last.text += piece.text;
  else if (piece.text !== '') pieces.push(piece);
}
