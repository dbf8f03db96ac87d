import { expect, it } from 'vitest';
import { parseChallenge } from './challenge.ts';

it('prefers tokens to passwords', () => {
  expect(parseChallenge(['Basic realm="x"', 'Bearer realm="https://a/t",service="s"'])).toMatchObject({
    scheme: 'bearer',
    realm: 'https://a/t',
    service: 's',
  });
});

it('unquotes, and passes over what it does not know', () => {
  expect(parseChallenge('Basic realm="say \\"hi\\""')).toMatchObject({ scheme: 'basic', realm: 'say "hi"' });
  expect(parseChallenge('Negotiate')).toBeUndefined();
  expect(parseChallenge(undefined)).toBeUndefined();
});
