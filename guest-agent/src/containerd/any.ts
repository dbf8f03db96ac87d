import type { Any } from '../gen/google/protobuf/any.ts';

export type { Any };

interface Encoder<T> {
  encode(message: T): { finish(): Uint8Array };
}

/** Type names under which containerd registers the OCI runtime spec's JSON documents. */
const specPrefix = 'types.containerd.io/opencontainers/runtime-spec/1/';
export type SpecDocument = 'Spec' | 'Process' | 'LinuxResources';

/** An OCI runtime document as containerd expects it: JSON under the name it registered. */
export function specAny(document: SpecDocument, value: object): Any {
  return { typeUrl: specPrefix + document, value: Buffer.from(JSON.stringify(value)) };
}

/** A protobuf message under its full name, e.g. containerd.runc.v1.Options. */
export function messageAny<T>(fullName: string, type: Encoder<T>, message: T): Any {
  return { typeUrl: fullName, value: Buffer.from(type.encode(message).finish()) };
}

/** The name after the last slash: containerd writes it with and without a `types.containerd.io/` prefix. */
export const typeNameOf = (any: Any): string => any.typeUrl.slice(any.typeUrl.lastIndexOf('/') + 1);
