import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { until } from '@berth/daemon/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { launchBrowser, noBrowser, openDashboard, type DashboardPage } from '../helpers/browser.ts';

/* The dashboard in Chromium against a real daemon with real containers (linux driver). Needs root. */

const soon = { timeoutMs: 10_000, what: 'change in the page' };
const axeSource = await readFile(path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const forever = ['sleep', '100000'];

describe.skipIf(noBrowser !== null)(`dashboard${noBrowser === null ? '' : ` (skipped: ${noBrowser})`}`, () => {
  let berth: Berth;
  let browser: Browser;
  let dashboard: DashboardPage;
  let page: Page;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth('linux'), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await berth[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    dashboard = await openDashboard(browser, berth);
    page = dashboard.page;
    page.setDefaultTimeout(30_000);
  });
  afterEach(async () => {
    const left = await docker('ps', '-aq');
    if (left !== '') await docker('rm', '-f', ...left.split('\n'));
    expect(dashboard.complaints).toEqual([]);
    await dashboard[Symbol.asyncDispose]();
  });

  const docker = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await berth.docker(args);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const row = (name: string, state?: string) =>
    page.locator(`tbody tr${state ? `[data-state="${state}"]` : ''}`, { hasText: name });
  const go = (view: string) => page.click(`nav a[href="#${view}"]`);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const stateOf = (name: string) => docker('inspect', '-f', '{{.State.Status}}', name);

  test('containers appear, change and go as docker has it', async () => {
    await page.getByText('No containers yet').waitFor();
    await docker('run', '-d', '--name', 'seen', '-p', '127.0.0.1::80', 'busybox', ...forever);
    await row('seen', 'running').waitFor();
    expect(await row('seen').locator('.ports a').getAttribute('href')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    await docker('pause', 'seen');
    await row('seen', 'paused').waitFor();
    await docker('unpause', 'seen');
    await row('seen', 'running').waitFor();
    await docker('rename', 'seen', 'called-otherwise');
    await row('called-otherwise', 'running').waitFor();
    await docker('rm', '-f', 'called-otherwise');
    await row('called-otherwise').waitFor({ state: 'detached' });
  });

  test('starts, stops and removes, by mouse and by keyboard', async () => {
    await docker('create', '--name', 'subject', '--stop-signal', 'KILL', 'busybox', ...forever);
    await button('Start subject').click();
    await row('subject', 'running').waitFor();
    await button('Stop subject').click();
    await row('subject', 'exited').waitFor();
    await row('subject').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Start subject');
    await page.keyboard.press('Enter');
    await row('subject', 'running').focus();
    await page.keyboard.press('Delete');
    await page.getByText('It runs: it is killed').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('It runs: it is killed').waitFor({ state: 'detached' });
    expect(await stateOf('subject')).toBe('running');
    await row('subject').focus();
    await page.keyboard.press('Delete');
    await page.getByText('It runs: it is killed').waitFor();
    await page.keyboard.press('Enter');
    await row('subject').waitFor({ state: 'detached' });
    expect((await berth.docker(['inspect', 'subject'])).exitCode).not.toBe(0);
  });

  test('logs follow, and end when the container does', async () => {
    const script = 'echo first; echo broken >&2; while [ ! -e /go ]; do sleep 0.1; done; echo last';
    await docker('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', script);
    await row('talker').click();
    await page.locator('.log .row', { hasText: 'first' }).waitFor();
    await page.locator('.log .row.error', { hasText: 'broken' }).waitFor();
    await docker('exec', 'talker', 'touch', '/go');
    await page.locator('.log .row', { hasText: 'last' }).waitFor();
    await page.locator('.log .foot', { hasText: 'ended' }).waitFor();
  });

  test('script in an image name, labels, a command or logs stays text', async () => {
    const evil = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>';
    const image = 'javascript/alert:evil';
    await docker('tag', 'busybox', image);
    const label = ['--label', `<script>window.evil=1</script>=${evil}`];
    await docker(
      'run',
      '-d',
      '--name',
      'hostile',
      ...label,
      image,
      'sh',
      '-c',
      `echo '${evil}'; sleep 100000; : '${evil}'`,
    );
    await row('hostile').click();
    await page.locator('.log .row', { hasText: evil }).waitFor();
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.locator('.facts dd', { hasText: evil }).first().waitFor();
    expect(
      await page.evaluate(() => [
        (globalThis as { evil?: number }).evil,
        document.querySelectorAll('img, main script').length,
      ]),
    ).toEqual([undefined, 0]);
  });

  test('a page on another port of 127.0.0.1 neither gets the cookie nor reads or does anything here', async () => {
    const seen: (string | undefined)[] = [];
    const foreign = createServer(({ headers }, response) => {
      seen.push(headers.cookie);
      response.setHeader('Content-Type', 'text/html').end('<!doctype html>');
    }).listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const own = page.url();
    const other = await page.context().newPage();
    await other.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    const tries = await other.evaluate(async (base) => {
      const options = { credentials: 'include' } as const;
      const read = fetch(`${base}v1/status`, options).then(
        () => 'read',
        () => 'refused',
      );
      const done = fetch(`${base}v1/stop`, { ...options, method: 'POST', body: '{}', mode: 'no-cors' });
      const socket = new WebSocket(`${base.replace('http', 'ws')}v1/events`);
      const listening = new Promise((resolve) => {
        socket.onmessage = () => resolve('heard');
        socket.onclose = () => resolve('refused');
      });
      await done.catch(() => undefined);
      return [await read, await listening];
    }, own);
    await other.close();
    foreign.close();
    expect(tries).toEqual(['refused', 'refused']);
    expect(seen.filter((cookie) => cookie !== undefined)).toEqual([]);
    await page.locator('.machine', { hasText: 'Running' }).waitFor();
  });

  test('a log of a million lines follows with bounded memory', async () => {
    await docker(
      'run',
      '-d',
      '--name',
      'flood',
      'busybox',
      'sh',
      '-c',
      'while [ ! -e /go ]; do sleep 0.1; done; seq 1 1000000',
    );
    await row('flood').click();
    await page.locator('.log .foot', { hasText: 'following' }).waitFor();
    const heap = await heapOf(page);
    await docker('exec', 'flood', 'touch', '/go');
    const foot = page.locator('.log .foot');
    await until(async () => /of 1,000,000 lines/.test(await foot.innerText()), { ...soon, timeoutMs: 60_000 });
    await page.locator('.log .row', { hasText: /^1000000$/ }).waitFor();
    expect(await page.locator('.log .row').count()).toBeLessThan(200);
    expect((await heapOf(page)) - heap).toBeLessThan(30 * 1024 * 1024);
  });

  test('images and volumes are listed and removed', async () => {
    await docker('tag', 'busybox', 'another:name');
    await docker('volume', 'create', 'keep-me');
    await docker('create', '--name', 'user', '-v', 'used:/data', 'busybox');
    await go('images');
    await page.locator('td.name[title*="another:name"]').waitFor();
    await go('volumes');
    expect(await button('Remove used').isDisabled()).toBe(true);
    await button('Remove keep-me').click();
    await button('Remove').click();
    await row('keep-me').waitFor({ state: 'detached' });
    expect(await docker('volume', 'ls', '-q')).toBe('used');
    await docker('rm', '-v', 'user');
    await docker('volume', 'rm', 'used');
    await docker('rmi', 'another:name');
  });

  test('settings are checked as they are typed, and saved', async () => {
    await go('settings');
    const cpus = page.getByRole('spinbutton', { name: 'CPUs' });
    await cpus.fill('1000');
    await page.getByText('settings: cpus: expected an integer from 1 to 256, got 1000').waitFor();
    expect(await button('Save').isDisabled()).toBe(true);
    await cpus.fill('1');
    // The other one, and back: the linux driver would not start with it.
    const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
    for (const processor of [own === 'arm64' ? 'amd64' : 'arm64', own]) {
      await page.getByLabel('Processor').selectOption(processor);
    }
    await page.getByLabel('/var/run/docker.sock leads here').check();
    await page.getByLabel('docker has a context').check();
    await page.getByLabel('Folder to share').fill('/srv');
    await page.keyboard.press('Enter');
    await page.getByLabel('HTTP proxy', { exact: true }).fill('http://proxy.example:3128');
    await button('Save').click();
    await page.getByText('Saved. The next start').waitFor();
    const [settings, engine] = await Promise.all(['settings.json', 'daemon.json'].map((name) => readJson(name)));
    expect(settings).toMatchObject({ architecture: own, systemSocket: true, context: true });
    expect(settings).not.toHaveProperty('userSocket');
    expect(settings).toMatchObject({ cpus: 1, shares: expect.arrayContaining(['/srv']) });
    expect(engine).toEqual({ proxies: { 'http-proxy': 'http://proxy.example:3128' } });
  });

  const readJson = async (name: string) => JSON.parse(await readFile(path.join(berth.home, name), 'utf8')) as unknown;

  async function type(text: string): Promise<void> {
    await page.locator('.editor .cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  }

  test('daemon.json: mistakes are shown where they are; a text that does not work is taken back', async () => {
    await go('engine');
    await type('{\n  "debug": "yes"\n}\n');
    await page.locator('.text-problems li', { hasText: '2:3 debug: expected true or false, got "yes"' }).waitFor();
    expect(await button('Review and apply').isDisabled()).toBe(true);
    const before = await readJson('daemon.json');
    await type('{\n  "bip": "no network"\n}\n');
    await page.locator('.text-problems li').waitFor({ state: 'detached' });
    await button('Review and apply').click();
    await page.locator('.dialog .cm-changedLine, .dialog .cm-insertedLine').first().waitFor();
    await button('Apply and restart').click();
    await page.locator('.banner', { hasText: 'the one before is in use again' }).waitFor({ timeout: 60_000 });
    expect(await readJson('daemon.json')).toEqual(before);
    expect((await berth.docker(['version'])).exitCode).toBe(0);
    await type('{\n  "mtu": 1400\n}\n');
    await page.locator('.text-problems li').waitFor({ state: 'detached' });
    await button('Review and apply').click();
    await button('Apply and restart').click();
    await page.getByText('Applied: the machine runs with it.').waitFor({ timeout: 60_000 });
    expect(
      await docker('network', 'inspect', '-f', '{{index .Options "com.docker.network.driver.mtu"}}', 'bridge'),
    ).toBe('1400');
  });

  test('the machine stops and starts, and the page follows', async () => {
    await button('Stop the machine').click();
    await page.getByText('The machine is not running').waitFor();
    await page.locator('main').getByRole('button', { name: 'Start the machine' }).click();
    await page.getByText('No containers yet').waitFor({ timeout: 60_000 });
  });

  test('findings and logs of berth itself are shown', async () => {
    await go('problems');
    await page.locator('.findings li', { hasText: 'configuration' }).waitFor();
    await go('log');
    await page.locator('.log .row', { hasText: 'the daemon serves' }).first().waitFor();
  });

  test('every view can be used by everybody, light and dark, as far as axe can tell', async () => {
    const script = 'echo o; echo e >&2; sleep 100000';
    await docker('run', '-d', '--name', 'shown', '-p', '127.0.0.1::80', 'busybox', 'sh', '-c', script);
    // The policy of the pages would not let axe in.
    await using other = await openDashboard(browser, berth, { bypassCSP: true });
    await other.page.evaluate(axeSource);
    const audit = async (view: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await other.page.emulateMedia({ colorScheme });
        const { violations } = (await other.page.evaluate('axe.run()')) as AxeResults;
        const found = violations.map(({ id, nodes }) => `${view}, ${colorScheme}: ${id}: ${nodes[0]?.html}`);
        expect(found).toEqual([]);
      }
    };
    await other.page.locator('tr', { hasText: 'shown' }).click();
    await other.page.locator('.log .row').nth(1).waitFor();
    await audit('containers');
    for (const [view, content] of Object.entries(contents)) {
      await other.page.click(`nav a[href="#${view}"]`);
      await other.page.locator(content).first().waitFor();
      await audit(view);
    }
  });
});

interface AxeResults {
  violations: { id: string; nodes: { html: string }[] }[];
}

/** What is there when a view is. */
const contents = {
  images: 'tbody tr',
  settings: 'fieldset',
  engine: '.cm-content',
  problems: '.findings li',
  log: '.log .row',
};

/** After a collection of garbage. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}
