/**
 * Records what a real dockerd's two builders make of each case:
 * `node --conditions=berth-source test/integration/build/dockerfiles/record.ts SOCKET`. It needs the sample image as
 * busybox:latest.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cases } from './cases.ts';
import { outcomeOf, type Builder, type Outcome } from './outcome.ts';

const [socketPath] = process.argv.slice(2);
if (socketPath === undefined) throw new Error('usage: record SOCKET');
const outcomes: Record<string, Record<Builder, Outcome>> = {};
for (const given of cases) {
  const classic = await outcomeOf(socketPath, 'classic', given);
  const buildkit = await outcomeOf(socketPath, 'buildkit', given);
  outcomes[given.name] = { classic, buildkit };
  console.log(given.name, '|', classic.error?.message ?? 'ok', '|', buildkit.error?.message ?? 'ok');
}
await writeFile(path.join(import.meta.dirname, 'expected.json'), `${JSON.stringify(outcomes, null, 1)}\n`);
