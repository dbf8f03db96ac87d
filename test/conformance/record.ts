/**
 * Records what a real dockerd answers: `node --conditions=berth-source test/conformance/record.ts SOCKET [NAME…]`.
 * It needs the sample image as busybox:latest, nothing else running, and containerd's image store.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { play } from './play.ts';
import { scenarios } from './scenarios/all.ts';

const [socketPath, ...names] = process.argv.slice(2);
if (socketPath === undefined) throw new Error('usage: record SOCKET [SCENARIO…]');
const fixtures = path.join(import.meta.dirname, 'fixtures');
await mkdir(fixtures, { recursive: true });
for (const scenario of scenarios.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const answers = await play(socketPath, scenario);
  await writeFile(path.join(fixtures, `${scenario.name}.json`), `${JSON.stringify(answers, null, 1)}\n`);
  console.log(`${scenario.name}: ${answers.length} answers`);
}
