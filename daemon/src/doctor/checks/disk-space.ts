import { type Finding, ok, problem, warning } from '../finding.ts';

export interface DiskSpaceFact {
  home: string;
  freeBytes: number;
}

const gibibyte = 1024 ** 3;
const least = 1 * gibibyte;
const comfortable = 5 * gibibyte;

/** Images and volumes grow: a disk that fills up stops every container that writes. */
export function checkDiskSpace({ home, freeBytes }: DiskSpaceFact): Finding {
  const found = `${(freeBytes / gibibyte).toFixed(1)} GiB free for ${home}`;
  if (freeBytes >= comfortable) return ok(found);
  const fix =
    'free some space there (`docker system prune` removes what no container uses), or use a --home on another disk';
  return freeBytes < least ? problem(found, fix) : warning(found, fix);
}
