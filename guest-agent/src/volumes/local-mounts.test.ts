import { expect, test } from 'vitest';
import { withAddresses } from './local-mounts.ts';

const nfs = { type: 'nfs', device: ':/x' };
const cifs = { type: 'cifs', options: 'username=u' };

test.each([
  [
    { ...nfs, options: 'addr=localhost,rw' },
    { device: ':/x', options: 'addr=127.0.0.1,rw' },
  ],
  [
    { ...nfs, options: 'addr=192.0.2.1,rw' },
    { device: ':/x', options: 'addr=192.0.2.1,rw' },
  ],
  [
    { ...cifs, device: '//localhost/a share' },
    { device: '//127.0.0.1/a share', options: 'username=u' },
  ],
  [
    { ...cifs, device: '//192.0.2.1/x' },
    { device: '//192.0.2.1/x', options: 'username=u' },
  ],
  [
    { type: 'cifs', device: '//localhost/x', options: 'addr=192.0.2.1' },
    { device: '//localhost/x', options: 'addr=192.0.2.1' },
  ],
  [
    { type: 'tmpfs', device: '//localhost/x', options: 'addr=localhost' },
    { device: '//localhost/x', options: 'addr=localhost' },
  ],
])('%j', async (asked, mounted) => {
  expect(await withAddresses(asked)).toEqual(mounted);
});

test('a server that nobody knows', async () => {
  const unknown = withAddresses({ ...cifs, device: '//unknown.invalid/x' });
  await expect(unknown).rejects.toThrow(
    'error resolving passed in network volume address: lookup unknown.invalid: no such host',
  );
});
