/** What the recipe needs to know of a 64-bit little-endian ELF file. */
export interface Elf {
  /** Names of the shared libraries it wants at its start. */
  needed: string[];
  /** Bytes from which on nothing is loaded into memory: section table, symbols, debug information. */
  loadedBytes: number;
}

interface Segment {
  type: number;
  offset: number;
  address: number;
  fileBytes: number;
}

const segmentLoad = 1;
const segmentDynamic = 2;
const tagNeeded = 1n;
const tagStringTable = 5n;

/** null for anything else than a 64-bit little-endian ELF file. */
export function readElf(file: Buffer): Elf | null {
  if (file.length < 64 || file.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return null;
  const segments = readSegments(file);
  return {
    needed: readNeeded(file, segments),
    loadedBytes: Math.max(...segments.map((segment) => segment.offset + segment.fileBytes)),
  };
}

/** The file without its section table and everything behind the last segment: what `strip` does, for any CPU. */
export function stripElf(file: Buffer): Buffer {
  const elf = readElf(file);
  if (elf === null) return file;
  const stripped = Buffer.from(file.subarray(0, elf.loadedBytes));
  stripped.writeBigUInt64LE(0n, 40); // e_shoff
  stripped.writeUInt32LE(0, 60); // e_shnum, e_shstrndx
  return stripped;
}

function readSegments(file: Buffer): Segment[] {
  const tableAt = Number(file.readBigUInt64LE(32));
  const entryBytes = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = tableAt + index * entryBytes;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      fileBytes: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function readNeeded(file: Buffer, segments: readonly Segment[]): string[] {
  const dynamic = segments.find((segment) => segment.type === segmentDynamic);
  if (dynamic === undefined) return [];
  const entries: [tag: bigint, value: number][] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.fileBytes; at += 16) {
    entries.push([file.readBigInt64LE(at), Number(file.readBigUInt64LE(at + 8))]);
  }
  const stringsAt = offsetOf(segments, entries.find(([tag]) => tag === tagStringTable)?.[1] ?? 0);
  return entries
    .filter(([tag]) => tag === tagNeeded)
    .map(([, name]) => file.toString('latin1', stringsAt + name, file.indexOf(0, stringsAt + name)));
}

function offsetOf(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    ({ type, address: start, fileBytes }) => type === segmentLoad && start <= address && address < start + fileBytes,
  );
  return segment === undefined ? 0 : segment.offset + address - segment.address;
}
