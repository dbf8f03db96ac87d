import { randomBytes } from 'node:crypto';
import type { NanoClock } from '../../clock.ts';

/** Docker cuts longer lines into pieces of this size. */
export const maxPieceBytes = 16 * 1024;

export interface Piece {
  bytes: Buffer;
  timeNs: bigint;
  /** Only of a line that comes in pieces. */
  partial?: PartialLine;
}

export interface PartialLine {
  /** The same for all pieces of a line. */
  id: string;
  /** 1 for the first piece. */
  ordinal: number;
  last: boolean;
}

const newline = 0x0a;
const empty = Buffer.alloc(0);

/**
 * Cuts a byte stream into lines as dockerd's log copier does: each ends with its newline, longer ones come in pieces of
 * {@link maxPieceBytes} which share the time of the first, and what is left at the end has no newline.
 */
export class LineSplitter {
  readonly #clock: NanoClock;
  #rest: Buffer = empty;
  /** The line that has been cut, and is not over yet. */
  #cut: { id: string; timeNs: bigint; pieces: number } | null = null;

  constructor(clock: NanoClock) {
    this.#clock = clock;
  }

  push(chunk: Buffer): Piece[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: Piece[] = [];
    let start = 0;
    for (;;) {
      const end = data.indexOf(newline, start);
      const length = (end === -1 ? data.length : end + 1) - start;
      if (length > maxPieceBytes) {
        pieces.push(this.#unfinished(data.subarray(start, start + maxPieceBytes)));
        start += maxPieceBytes;
      } else if (end === -1) {
        this.#rest = start === data.length ? empty : data.subarray(start);
        return pieces;
      } else {
        pieces.push(this.#finished(data.subarray(start, end + 1)));
        start = end + 1;
      }
    }
  }

  /** What was written after the last newline, when the stream has ended. */
  flush(): Piece[] {
    if (this.#rest.length === 0) return [];
    const piece = this.#unfinished(this.#rest);
    this.#rest = empty;
    return [piece];
  }

  #finished(bytes: Buffer): Piece {
    if (!this.#cut) return { bytes, timeNs: this.#clock() };
    const { id, timeNs, pieces } = this.#cut;
    this.#cut = null;
    return { bytes, timeNs, partial: { id, ordinal: pieces + 1, last: true } };
  }

  #unfinished(bytes: Buffer): Piece {
    this.#cut ??= { id: randomBytes(32).toString('hex'), timeNs: this.#clock(), pieces: 0 };
    const { id, timeNs } = this.#cut;
    return { bytes, timeNs, partial: { id, ordinal: ++this.#cut.pieces, last: false } };
  }
}
