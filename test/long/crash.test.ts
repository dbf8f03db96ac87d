import { describe } from 'vitest';
import { cases } from '../faults/crash/cases.ts';
import { playCases } from '../faults/crash/play-cases.ts';

describe('a crash at every step: the container is what Docker could show, can be used, and nothing is left', () => {
  playCases(cases);
});
