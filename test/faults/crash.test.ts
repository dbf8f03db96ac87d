import { describe } from 'vitest';
import { cases, type Case } from './crash/cases.ts';
import { playCases } from './crash/play-cases.ts';
import { seeded } from './race/random.ts';

/** Another choice: another seed. All of them: the suite `long`. */
const seed = 7;
const chosen = 14;

function sample(all: readonly Case[]): Case[] {
  const rest = [...all];
  const random = seeded(seed);
  return Array.from({ length: chosen }, () => rest.splice(random.below(rest.length), 1)[0]!);
}

describe(`a crash at some step (${chosen} of ${cases.length}, seed ${seed})`, () => {
  playCases(sample(cases));
});
