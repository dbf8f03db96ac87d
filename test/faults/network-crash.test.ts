import { describe } from 'vitest';
import { playTornNetworks, tornNetworks } from './crash/network-cases.ts';

/** As many as one berth puts up with; all of them: the suite `long`. */
const chosen = ['network-remove:after-record', 'connect:after-sandbox', 'disconnect:after-unwire'];

describe('an agent that is killed in the middle of a network’s verb', () => {
  playTornNetworks(tornNetworks.filter(({ point }) => chosen.includes(point)));
});
