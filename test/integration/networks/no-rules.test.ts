import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../../helpers/berth.ts';
import { expectPublishedPage } from '../../helpers/published-page.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux', { daemonJson: { iptables: false, ip6tables: false, 'ip-forward': false } });
});
afterAll(() => berth[Symbol.asyncDispose]());

test('without rules of the engine’s own, ports are published all the same', async () => {
  const option =
    '{{index .Options "com.docker.network.bridge.name"}} {{index .Options "com.docker.network.bridge.enable_ip_masquerade"}}';
  const [table = '', masquerades] = (await berth.docker(['network', 'inspect', '-f', option, 'bridge'])).stdout.split(
    ' ',
  );
  await expectPublishedPage(berth, 'no rules');
  const { stdout } = await execa('nft', ['list', 'tables']);
  expect(table).not.toBe('');
  expect(stdout).not.toContain(table);
  expect(masquerades).toBe('false');
});
