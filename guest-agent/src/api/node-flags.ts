/**
 * With which Node.js runs the agent. It holds little for long: a small young generation saves about a tenth of its idle
 * memory, and a bound for the old one, far beyond what it needs, makes V8 collect before it asks for more (124 instead of
 * 191 MB with 500 images). V8 counts buffers that pass through as if they stayed, and would go over its whole heap every
 * 10 MB of them; with more room to begin with they go when the young generation does (a pull of 530 MB: 0.9 instead of
 * 3.4 s of CPU). Compiled code is only taken by a V8 with the flags of the one that kept it.
 */
export const agentNodeFlags: readonly string[] = [
  '--max-semi-space-size=1',
  '--max-old-space-size=512',
  '--initial-old-space-size=36',
];
