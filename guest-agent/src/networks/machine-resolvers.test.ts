import { expect, test } from 'vitest';
import { resolvConf } from '../containers/start-steps/network-files.ts';
import { resolvConfNotes } from '../containers/start-steps/resolv-conf-notes.ts';
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

test('what the file was made of is said behind it, as dockerd does', () => {
  const made = { file: '/etc/resolv.conf', text: 'nameserver 10.0.0.53\n' };
  expect(resolvConfNotes(made, choices)).toBe("# Based on host file: '/etc/resolv.conf' (legacy)\n# Overrides: []\n");
  const asked = { ...choices, hasResolver: true, dns: ['9.9.9.9'], options: ['ndots:3'] };
  expect(resolvConfNotes(made, asked).split('\n').slice(1)).toEqual([
    ...['# ExtServers: [9.9.9.9]', '# Overrides: [nameservers options]', '# Option ndots from: override', ''],
  ]);
  expect(resolvConfNotes(made, { ...choices, hasResolver: true })).toContain('# ExtServers: [host(10.0.0.53)]\n');
});
