import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { beyond, hostAuthorities } from './host-authorities.ts';

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

it('leaves out what everybody knows, and repetitions', () => {
  const mine = pem('QUJD\nREVG');
  expect(beyond([pem('public'), mine, pem('QUJDREVG\r\n')], [pem('pub\nlic').trim()])).toEqual([mine]);
});

it('reads the store of this host', () => {
  const found = hostAuthorities();
  expect(found.every((certificate) => certificate.startsWith('-----BEGIN CERTIFICATE-----'))).toBe(true);
  expect(found.length).toBeLessThan(rootCertificates.length);
});
