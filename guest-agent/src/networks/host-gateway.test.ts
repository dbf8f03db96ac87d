import { expect, test } from 'vitest';
import { withHostGateways } from './host-gateway.ts';

const entries = ['a:192.0.2.1', 'it:host-gateway', 'b=host-gateway', 'host-gateway:192.0.2.2'];

test('host-gateway stands for each of its addresses, and nothing else is said twice', () => {
  expect(withHostGateways(entries, ['10.0.0.1', 'fd00::1'])).toEqual([
    ...['a:192.0.2.1', 'it:10.0.0.1', 'it:fd00::1', 'b=10.0.0.1', 'b=fd00::1', 'host-gateway:192.0.2.2'],
  ]);
});

test('where there is no address, only who asks for it is refused', () => {
  expect(withHostGateways(['a:192.0.2.1'], [])).toEqual(['a:192.0.2.1']);
  expect(() => withHostGateways(entries, [])).toThrow('unable to derive the IP value for host-gateway');
});
