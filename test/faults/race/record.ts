import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EventRecorder } from './event-stream.ts';
import { illegalOrder } from './event-order.ts';
import { cleanUp, distinct, runSchedule } from './schedule.ts';

/* Adds to answers.json what a real dockerd answers: node record.ts SOCKET FIRST_SEED SEEDS [--show] */

const [socketPath = '', firstSeed = '1', seeds = '1', mode = ''] = process.argv.slice(2);
const file = path.join(import.meta.dirname, 'answers.json');
const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;
for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(seeds); seed++) {
  using recorder = await EventRecorder.start(socketPath, '');
  const { answers, label } = await runSchedule(socketPath, { seed, requests: 200, parallel: 40, containers: 4 });
  await cleanUp(socketPath, label);
  const own = recorder.events.filter(({ Actor }) => label in Actor.Attributes);
  for (const problem of illegalOrder(own)) console.log(`seed ${seed}: ${problem}`);
  for (const [verb, texts] of Object.entries(distinct(answers))) {
    const fresh = texts.filter((text) => !known[verb]?.includes(text));
    if (fresh.length > 0) console.log(`seed ${seed}: ${verb}: ${JSON.stringify(fresh)}`);
    if (mode !== '--show') known[verb] = [...(known[verb] ?? []), ...fresh].sort();
  }
}
if (mode !== '--show') writeFileSync(file, `${JSON.stringify(known, null, 2)}\n`);
