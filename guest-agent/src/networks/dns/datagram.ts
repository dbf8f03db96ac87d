import { encode, type Packet } from 'dns-packet';

/** RFC 1035, 4.2.1: what every resolver takes. */
const plainBytes = 512;
const truncated = 1 << 9;

/** A reply for UDP; one that is longer than the client takes is cut, and says so: the client asks again by TCP. */
export function encodeDatagram(reply: Packet, query: Packet): Buffer {
  const whole = encode(reply);
  const limit = largestReply(query);
  if (whole.length <= limit) return whole;
  const answers = reply.answers ?? [];
  const fitting = Math.max(0, Math.floor((answers.length * limit) / whole.length) - 1);
  return encode({ ...reply, flags: (reply.flags ?? 0) | truncated, answers: answers.slice(0, fitting) });
}

/** EDNS(0), RFC 6891. */
function largestReply({ additionals }: Packet): number {
  const sizes = (additionals ?? []).flatMap((record) => (record.type === 'OPT' ? record.udpPayloadSize : []));
  return Math.max(plainBytes, ...sizes);
}
