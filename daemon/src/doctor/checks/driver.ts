import { type Finding, ok, problem } from '../finding.ts';
import type { DriverFact } from '../host.ts';

export function checkDriver({ asked, chosen, problem: why }: DriverFact): Finding {
  if (chosen) return ok(`${asked === chosen.name ? '' : `${asked}: `}${chosen.name} (${chosen.detail})`);
  return problem(
    `no driver can run a machine here: ${why}`,
    'put one of these right, or choose another driver (`berth up --driver`)',
  );
}
