import type { FolderAccess } from '../../platform/platform.ts';
import { type Finding, ok, problem } from '../finding.ts';

export interface HomeFact {
  home: string;
  /** `absent`: not there, but it can be made. The others are what was in the way. */
  state: 'usable' | 'absent' | 'cannot be made' | 'not a folder' | 'not readable and writable';
  /** null where it is not usable. */
  access: FolderAccess | null;
}

export function checkHome({ home, state, access }: HomeFact): Finding {
  if (state === 'absent') return ok(`${home} is made by the first start`);
  if (state !== 'usable') return problem(`${home}: ${state}`, 'make it writable for you, or use another --home');
  if (access?.owned === false) {
    return problem(`${home} belongs to another user`, 'give it to you, or use another --home');
  }
  if (access?.openBy) return problem(`${home} is open to others (${access.openBy})`, access.fix ?? 'keep them out');
  return ok(`${home} is readable, writable and private`);
}
