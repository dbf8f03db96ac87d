import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { fullString, parseNamed, withDefaultTag } from '../images/reference.ts';

/** Fields of moby.buildkit.v1's SolveRequest and Exporter that say where the result goes (control.proto). */
const oldExporter = 3;
const oldAttributes = 4;
const exporters = 13;
const exporterType = 1;
const exporterAttributes = 2;
const key = 1;
const value = 2;

/** Docker's name for the image store, which BuildKit itself does not know. */
const dockerExporter = 'moby';
const imageExporter = 'image';

/** A field as it stands, tag and all, and what it holds where that has a length. */
interface Field {
  number: number;
  bytes: Uint8Array;
  content: Uint8Array;
}

/** The same request with the image store as BuildKit's own exporter writes into it. */
export function rewriteSolve(request: Uint8Array): Uint8Array {
  const fields = fieldsOf(request);
  const old = fields.find(({ number }) => number === oldExporter);
  const rewritesOld = old !== undefined && textOf(old.content) === dockerExporter;
  const kept = fields.flatMap((field) => {
    if (field.number === exporters) return [message(exporters, rewriteExporter(field.content))];
    const isOld = field.number === oldExporter || field.number === oldAttributes;
    return rewritesOld && isOld ? [] : [field.bytes];
  });
  const added = rewritesOld ? exporterFields(fields, [oldExporter, oldAttributes]) : [];
  return Buffer.concat([...kept, ...added]);
}

function rewriteExporter(exporter: Uint8Array): Uint8Array {
  const fields = fieldsOf(exporter);
  const type = fields.find(({ number }) => number === exporterType);
  if (!type || textOf(type.content) !== dockerExporter) return exporter;
  return Buffer.concat(exporterFields(fields, [exporterType, exporterAttributes]));
}

/** What stood in the two fields, as the image exporter has to be told. */
function exporterFields(fields: readonly Field[], [type, attributes]: [number, number]): Uint8Array[] {
  const given = fields.filter(({ number }) => number === attributes).map(({ content }) => entryOf(content));
  const all = imageAttributes(Object.fromEntries(given));
  return [
    message(type, Buffer.from(imageExporter)),
    ...Object.entries(all).map((entry) => message(attributes, entryBytes(entry))),
  ];
}

/** As dockerd does: full names with a tag, unpacked at once, kept in the store also without a name. */
function imageAttributes(given: Record<string, string>): Record<string, string> {
  const names = (given['name'] ?? '').split(',').filter((name) => name !== '');
  return {
    'dangling-name-prefix': 'moby-dangling',
    ...given,
    name: names.map((name) => fullString(withDefaultTag(parseNamed(name)))).join(','),
    unpack: 'true',
    'danging-name-empty-only': 'true',
  };
}

/** Entries of a message's first field, which is a map of texts: ExporterResponse of a SolveResponse. */
export function exporterResponse(response: Uint8Array): Record<string, string> {
  const entries = fieldsOf(response).filter(({ number }) => number === key);
  return Object.fromEntries(entries.map(({ content }) => entryOf(content)));
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, type] = reader.tag();
    const content = type === WireType.LengthDelimited ? reader.bytes() : new Uint8Array();
    if (type !== WireType.LengthDelimited) reader.skip(type, number);
    fields.push({ number, bytes: bytes.subarray(start, reader.pos), content });
  }
  return fields;
}

function entryOf(entry: Uint8Array): [string, string] {
  const fields = fieldsOf(entry);
  const text = (wanted: number) => textOf(fields.find(({ number }) => number === wanted)?.content);
  return [text(key), text(value)];
}

const entryBytes = ([name, text]: [string, string]): Uint8Array =>
  Buffer.concat([message(key, Buffer.from(name)), message(value, Buffer.from(text))]);

const message = (number: number, content: Uint8Array): Uint8Array =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish();

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
