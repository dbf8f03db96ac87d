import { type Finding, ok, problem } from '../finding.ts';

export interface SocketPathFact {
  paths: readonly string[];
  /** Bytes that the system takes. */
  limit: number;
}

export function checkSocketPath({ paths, limit }: SocketPathFact): Finding {
  const [longest = ''] = paths.toSorted((a, b) => Buffer.byteLength(b) - Buffer.byteLength(a));
  const bytes = Buffer.byteLength(longest);
  if (bytes <= limit) return ok(`${bytes} of ${limit} bytes`);
  return problem(
    `${longest} has ${bytes} bytes, and a socket's path may have ${limit}`,
    'use a shorter --home or BERTH_HOME',
  );
}
