import { type Finding, ok, problem } from '../finding.ts';

export interface HomeFact {
  home: string;
  /** `absent`: not there, but it can be made. The others are what was in the way. */
  state: 'usable' | 'absent' | 'cannot be made' | 'not a folder' | 'not readable and writable';
  /** Permission bits; null where there are none. */
  mode: number | null;
  /** It belongs to the user of this process. */
  owned: boolean;
}

export function checkHome({ home, state, mode, owned }: HomeFact): Finding {
  if (state === 'absent') return ok(`${home} is made by the first start`);
  if (state !== 'usable') return problem(`${home}: ${state}`, 'make it writable for you, or use another --home');
  if (!owned) return problem(`${home} belongs to another user`, '`chown` it, or use another --home');
  if (mode !== null && (mode & 0o077) !== 0) {
    return problem(`${home} is open to others (mode ${mode.toString(8)})`, `chmod 700 ${home}`);
  }
  return ok(`${home} is readable, writable and private`);
}
