import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';
import { cases } from './dockerfiles/cases.ts';
import { onlyBuildkits, worded } from './dockerfiles/differences.ts';
import { outcomeOf, type Builder, type Outcome } from './dockerfiles/outcome.ts';

const recorded = JSON.parse(
  await readFile(path.join(import.meta.dirname, 'dockerfiles/expected.json'), 'utf8'),
) as Record<string, Record<Builder, Outcome>>;

/** A sign for Windows' commands that BuildKit sets and the classic builder did not. */
const withoutSign = (outcome: Outcome | undefined) => {
  const { ArgsEscaped: _, ...config } = (outcome?.config ?? {}) as Record<string, unknown>;
  return { ...outcome, config: outcome?.config && config };
};

describe.skipIf(!hasBuildKit)('Dockerfiles as dockerd builds them (skipped where there is no BuildKit)', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth('linux');
  });
  afterAll(() => berth[Symbol.asyncDispose]());

  it.each(cases)('for BuildKit’s clients: $name', async (given) => {
    const expected = recorded[given.name]?.buildkit;
    const message = worded[given.name] && expect.stringMatching(worded[given.name] as RegExp);
    const outcome = await outcomeOf(berth.socketPath, 'buildkit', given);
    expect(outcome).toEqual(expected && withMessage(expected, message as string | undefined));
  });

  it.each(cases)('for classic clients: $name', async (given) => {
    const expected = recorded[given.name]?.[given.name in onlyBuildkits ? 'buildkit' : 'classic'];
    const outcome = await outcomeOf(berth.socketPath, 'classic', given);
    const message = given.name in onlyBuildkits ? outcome.error?.message : expected?.error?.message;
    expect(withoutSign(outcome)).toEqual(withoutSign(expected && ofRoot(withMessage(expected, message))));
  });

  it.each(Object.keys(onlyBuildkits))('the two builders differ: %s', (name) => {
    expect(withoutSign(recorded[name]?.buildkit)).not.toEqual(withoutSign(recorded[name]?.classic));
  });
});

/** Errors that only BuildKit has are put in the classic builder's words. */
function withMessage(outcome: Outcome, message: string | undefined): Outcome {
  return outcome.error && message !== undefined ? { ...outcome, error: { ...outcome.error, message } } : outcome;
}

/** In the classic builder a context's files are root's, whoever's they were. */
function ofRoot(outcome: Outcome): Outcome {
  const files = Object.entries(outcome.files ?? {}).map(([name, file]) => [name, file.replace('1234:1234', '0:0')]);
  return { ...outcome, files: outcome.files && (Object.fromEntries(files) as Record<string, string>) };
}
