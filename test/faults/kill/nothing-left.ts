import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import type { Berth } from '../../helpers/berth.ts';
import { tracesOf } from '../../helpers/traces.ts';

export interface Ending {
  /** Another `berth up` comes before the `berth down`. */
  upFirst: boolean;
  /** Interfaces that were there because of it. */
  links?: readonly string[];
}

/** `berth down` succeeds, and leaves nothing on this machine. */
export async function expectNothingLeft(berth: Berth, { upFirst, links = [] }: Ending): Promise<void> {
  if (upFirst) expect(await berth.berth('up')).toMatchObject({ exitCode: 0 });
  expect(await berth.berth('down')).toMatchObject({ exitCode: 0 });
  expect(await tracesOf(berth.home)).toEqual([]);
  expect(readdirSync('/sys/class/net').filter((name) => links.includes(name))).toEqual([]);
}
