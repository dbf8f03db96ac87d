import { expect, it } from 'vitest';
import { amd64Variant, foreignImageWarnings } from './host-processor.ts';
import { hostPlatform } from './platform.ts';

const v2 = 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3';
const v3 = `${v2} avx avx2 bmi1 bmi2 f16c fma abm movbe`;
const v4 = `${v3} avx512f avx512bw avx512cd avx512dq avx512vl`;

it.each([
  ['v1', 'sse2'],
  ['v2', v2],
  ['v2', `${v2} avx avx2 avx512f`],
  ['v3', v3],
  ['v4', v4],
])('a processor is %s with %s', (variant, flags) => {
  expect(amd64Variant(new Set(flags.split(' ')))).toBe(variant);
});

it('warns of an image for another processor, and of no other', async () => {
  const { architecture } = hostPlatform;
  const foreign = architecture === 'arm64' ? 'amd64' : 'arm64';
  expect(await foreignImageWarnings({ os: 'linux', architecture })).toEqual([]);
  expect(await foreignImageWarnings({ os: 'linux', architecture: foreign })).toEqual([
    expect.stringMatching(
      `^The requested image's platform \\(linux/${foreign}\\) does not match the detected host platform \\(linux/${architecture}/v\\d\\) and no specific platform was requested$`,
    ),
  ]);
});
