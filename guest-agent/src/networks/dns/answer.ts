import { type Answer, type Packet, type Question, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet';

/** What the containers of a sandbox's networks are called. */
export interface NameTable {
  /** Addresses of a name, both families; null: no container has it. */
  addressesOf(name: string): readonly string[] | null;
  /** Full name of an address; null: no container has it. */
  nameOf(address: string): string | null;
}

/** Seconds; containers come and go. */
const ttl = 600;

/** The answer to a query about containers; null when it is about something else, for others to answer. */
export function answerLocally(query: Packet, table: NameTable): Packet | null {
  const question = query.questions?.[0];
  if (!question) return null;
  const answers = question.type === 'PTR' ? pointer(question, table) : addresses(question, table);
  if (answers === null) return null;
  return {
    type: 'response',
    ...(query.id !== undefined && { id: query.id }),
    flags: (query.flags ?? 0) & RECURSION_DESIRED ? RECURSION_DESIRED | RECURSION_AVAILABLE : RECURSION_AVAILABLE,
    questions: [question],
    answers,
  };
}

/** A name that exists without an address of the family asked for has an empty answer (RFC 2308, NODATA). */
function addresses({ name, type }: Question, table: NameTable): Answer[] | null {
  const found = table.addressesOf(name.replace(/\.$/, '').toLowerCase());
  if (found === null) return null;
  if (type !== 'A' && type !== 'AAAA') return [];
  const isWanted = (address: string) => address.includes(':') === (type === 'AAAA');
  return shuffled(found.filter(isWanted)).map((data) => ({ type, name, ttl, data }) as Answer);
}

/** Clients take the first: each of several containers of one name has its turn. */
const shuffled = <T>(all: readonly T[]): readonly T[] =>
  all.length < 2
    ? all
    : all
        .map((each) => ({ each, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each);

function pointer({ name }: Question, table: NameTable): Answer[] | null {
  const address = reverseAddress(name);
  const found = address === null ? null : table.nameOf(address);
  return found === null ? null : [{ type: 'PTR', name, ttl, data: found }];
}

/** '2.0.17.172.in-addr.arpa' → '172.17.0.2'; nibbles of ip6.arpa likewise, uncompressed. */
export function reverseAddress(name: string): string | null {
  const lower = name.replace(/\.$/, '').toLowerCase();
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(lower);
  if (v4) return [v4[4], v4[3], v4[2], v4[1]].join('.');
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(lower);
  if (!v6) return null;
  const digits = (v6[1] as string).replaceAll('.', '').split('').reverse().join('');
  return digits.replace(/(.{4})(?=.)/g, '$1:');
}
