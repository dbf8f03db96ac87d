import { expect, test } from 'vitest';
import { resolvConf } from '../containers/start-steps/network-files.ts';
import { nameservers } from './machine-resolvers.ts';

const machine = `
# of the office
nameserver 127.0.0.1
nameserver 10.0.0.53 # trailing
nameserver nonsense
search corp.example lan ; and so on
options ndots:2
`;
const choices = { isHost: false, hasResolver: false, dns: [], options: [], search: [] };

test('comments and what is no address are passed over', () => {
  expect(nameservers(machine)).toEqual(['127.0.0.1', '10.0.0.53']);
  expect(resolvConf(machine, choices)).toBe('nameserver 10.0.0.53\nsearch corp.example lan\noptions ndots:2\n');
});

test('a machine whose resolvers are its own alone', () => {
  const local = 'nameserver 127.0.0.1\n';
  expect(resolvConf(local, choices)).toBe('nameserver 8.8.8.8\nnameserver 8.8.4.4\n');
  expect(resolvConf(local, { ...choices, isHost: true })).toBe(local);
  expect(resolvConf(local, { ...choices, hasResolver: true })).toBe('nameserver 127.0.0.11\noptions ndots:0\n');
});
