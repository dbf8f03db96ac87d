import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { noBrowser } from '../helpers/browser.ts';
import { dashboardBed } from './dashboard-bed.ts';

/* Settings and daemon.json in the dashboard, in Chromium against a real daemon (linux driver). Needs root. */

describe.skipIf(noBrowser !== null)(`forms${noBrowser === null ? '' : ` (skipped: ${noBrowser})`}`, () => {
  const bed = dashboardBed();
  const { docker, go, button } = bed;

  test('settings are checked as they are typed, and saved', async () => {
    await go('settings');
    const cpus = bed.page.getByRole('spinbutton', { name: 'CPUs' });
    await cpus.fill('1000');
    await bed.page.getByText('settings: cpus: expected an integer from 1 to 256, got 1000').waitFor();
    expect(await button('Save').isDisabled()).toBe(true);
    await cpus.fill('1');
    // The other one, and back: the linux driver would not start with it.
    const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
    for (const processor of [own === 'arm64' ? 'amd64' : 'arm64', own]) {
      await bed.page.getByLabel('Processor').selectOption(processor);
    }
    await bed.page.getByLabel('/var/run/docker.sock leads here').check();
    await bed.page.getByLabel('docker has a context').check();
    await bed.page.getByLabel('Folder to share').fill('/srv');
    await bed.page.keyboard.press('Enter');
    await bed.page.getByLabel('HTTP proxy', { exact: true }).fill('http://proxy.example:3128');
    await button('Save').click();
    await bed.page.getByText('Saved. The next start').waitFor();
    const [settings, engine] = await Promise.all(['settings.json', 'daemon.json'].map((name) => readJson(name)));
    expect(settings).toMatchObject({ architecture: own, systemSocket: true, context: true });
    expect(settings).not.toHaveProperty('userSocket');
    expect(settings).toMatchObject({ cpus: 1, shares: expect.arrayContaining(['/srv']) });
    expect(engine).toEqual({ proxies: { 'http-proxy': 'http://proxy.example:3128' } });
  });

  const readJson = async (name: string) =>
    JSON.parse(await readFile(path.join(bed.berth.home, name), 'utf8')) as unknown;

  async function type(text: string): Promise<void> {
    await bed.page.locator('.editor .cm-content').click();
    await bed.page.keyboard.press('Control+a');
    await bed.page.keyboard.insertText(text);
  }

  test('daemon.json: mistakes are shown where they are; a text that does not work is taken back', async () => {
    await go('engine');
    await type('{\n  "debug": "yes"\n}\n');
    await bed.page.locator('.text-problems li', { hasText: '2:3 debug: expected true or false, got "yes"' }).waitFor();
    expect(await button('Review and apply').isDisabled()).toBe(true);
    const before = await readJson('daemon.json');
    await type('{\n  "bip": "no network"\n}\n');
    await bed.page.locator('.text-problems li').waitFor({ state: 'detached' });
    await button('Review and apply').click();
    await bed.page.locator('.dialog .cm-changedLine, .dialog .cm-insertedLine').first().waitFor();
    await button('Apply and restart').click();
    // It may end before it was asked anything, or after.
    const why = /the one before is in use again: .*bip: expected an IPv4 network/;
    await bed.page.locator('.banner', { hasText: why }).waitFor({ timeout: 60_000 });
    expect(await readJson('daemon.json')).toEqual(before);
    expect((await bed.berth.docker(['version'])).exitCode).toBe(0);
    await type('{\n  "mtu": 1400\n}\n');
    await bed.page.locator('.text-problems li').waitFor({ state: 'detached' });
    await button('Review and apply').click();
    await button('Apply and restart').click();
    await bed.page.getByText('Applied: the machine runs with it.').waitFor({ timeout: 60_000 });
    expect(
      await docker('network', 'inspect', '-f', '{{index .Options "com.docker.network.driver.mtu"}}', 'bridge'),
    ).toBe('1400');
  });

  test('what was typed is still there after a look at another view', async () => {
    const cpus = bed.page.getByRole('spinbutton', { name: 'CPUs' });
    await go('settings');
    await cpus.fill('7');
    await bed.page.getByText('this computer has').waitFor();
    await go('images');
    await go('settings');
    expect(await cpus.inputValue()).toBe('7');
    await cpus.fill('');
    await cpus.blur();
    expect(await cpus.inputValue()).toBe('7');
    await button('Discard').click();
    await bed.page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[type=number]')?.value !== '7');
    await go('engine');
    await type('{\n  "debug": true\n}\n');
    await go('images');
    await go('engine');
    await bed.page.locator('.cm-content', { hasText: '"debug": true' }).waitFor();
    await button('Discard').click();
    await bed.page.locator('.cm-content', { hasText: '"debug": true' }).waitFor({ state: 'detached' });
  });

  test('a folder that was typed is added by going on, once', async () => {
    await go('settings');
    const field = bed.page.getByLabel('Folder to share');
    for (let twice = 0; twice < 2; twice++) {
      await field.fill('/opt');
      await field.blur();
    }
    expect(await bed.page.locator('.shares code', { hasText: /^\/opt$/ }).count()).toBe(1);
    await button('Discard').click();
  });

  test('daemon.json is read anew when it was changed elsewhere', async () => {
    await go('engine');
    const first = bed.page.locator('.cm-content');
    await first.waitFor();
    await go('images');
    const before = await readFile(path.join(bed.berth.home, 'daemon.json'), 'utf8').catch(() => '{}');
    await writeFile(path.join(bed.berth.home, 'daemon.json'), '{"labels": ["changed=elsewhere"]}');
    await go('engine');
    await bed.page.locator('.cm-content', { hasText: 'changed=elsewhere' }).waitFor();
    // Back to a text without keys, which is no reason not to save it.
    await type('{\n}\n');
    await button('Review and apply').click();
    await button('Only save').click();
    await bed.page.getByText('Saved. The next start').waitFor();
    expect(await readJson('daemon.json')).toEqual({});
    await writeFile(path.join(bed.berth.home, 'daemon.json'), before);
  });

  test('a machine that fails says why, and starts with the text that is put right', async () => {
    const file = path.join(bed.berth.home, 'daemon.json');
    await button('Stop the machine').click();
    await bed.page.getByText('The machine is not running').waitFor();
    await writeFile(file, '{"bip": "no network"}');
    await bed.page.locator('main').getByRole('button', { name: 'Start the machine' }).click();
    await bed.page.getByText('The machine has failed').waitFor({ timeout: 60_000 });
    await bed.page.locator('.empty .problem', { hasText: 'bip: expected an IPv4 network' }).waitFor();
    await bed.page.getByRole('link', { name: 'Look for problems' }).click();
    await bed.page.locator('.findings li.problem', { hasText: 'the machine failed' }).waitFor();
    // What the browser itself says of a start that is answered with an error.
    bed.complaints.length = 0;
    await go('engine');
    await type('{}\n');
    await button('Review and apply').click();
    await button('Apply and start').click();
    await bed.page.getByText('Applied: the machine runs with it.').waitFor({ timeout: 60_000 });
  });

  test('a settings.json that cannot be read is told, and read again', async () => {
    const file = path.join(bed.berth.home, 'settings.json');
    const before = await readFile(file, 'utf8');
    await writeFile(file, '{"cpus": "many"}');
    await go('settings');
    await bed.page.getByText('cpus: expected an integer from 1 to 256, got "many"').waitFor();
    await writeFile(file, before);
    await button('Read again').click();
    await bed.page.getByRole('spinbutton', { name: 'CPUs' }).waitFor();
    bed.complaints.length = 0;
  });

  /** Lets the daemon say that this host can show folders by these to a machine of qemu's. */
  async function withShareKinds(kinds: string[]): Promise<void> {
    await bed.page.route('**/v1/settings', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { drivers: { name: string }[] };
      const drivers = answer.drivers.map((each) => (each.name === 'qemu' ? { ...each, shareKinds: kinds } : each));
      await route.fulfill({ response, json: { ...answer, drivers } });
    });
  }

  test('virtiofs is offered, with its price, where it can work, and can be taken back where it cannot', async () => {
    await withShareKinds(['sftp', 'virtiofs']);
    await go('settings');
    const kind = bed.page.getByLabel('Shown by');
    const driver = bed.page.getByLabel('Driver');
    await driver.selectOption('qemu');
    await kind.selectOption('virtiofs');
    await bed.page.getByText('no inotify').waitFor();
    await driver.selectOption('linux');
    await bed.page.getByText('expected "sftp" with the linux driver').waitFor();
    await bed.page.getByText('virtiofs does not work here').waitFor();
    expect(await button('Save').isDisabled()).toBe(true);
    await kind.selectOption('sftp');
    await kind.waitFor({ state: 'detached' });
    await button('Save').click();
    await bed.page.getByText('Saved. The next start').waitFor();
    expect(await readJson('settings.json')).toMatchObject({ driver: 'linux', shareKind: 'sftp' });
    await withShareKinds(['sftp']);
    await bed.page.reload();
    await driver.selectOption('qemu');
    await bed.page.getByText('The disk takes only').waitFor();
    expect(await kind.count()).toBe(0);
  });
});
