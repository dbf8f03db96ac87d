import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '@berth/daemon/testing';
import { describe, expect, test } from 'vitest';
import { noBrowser, openDashboard } from '../helpers/browser.ts';
import { dashboardBed, forever, soon } from './dashboard-bed.ts';

/* The dashboard in Chromium against a real daemon with real containers (linux driver). Needs root. */

const axeSource = await readFile(path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

describe.skipIf(noBrowser !== null)(`dashboard${noBrowser === null ? '' : ` (skipped: ${noBrowser})`}`, () => {
  const bed = dashboardBed();
  const { docker, row, go, button } = bed;
  const stateOf = (name: string) => docker('inspect', '-f', '{{.State.Status}}', name);

  test('containers appear, change and go as docker has it', async () => {
    await bed.page.getByText('No containers yet').waitFor();
    await docker('run', '-d', '--name', 'seen', '-p', '127.0.0.1::80', 'busybox', ...forever);
    await row('seen', 'running').waitFor();
    expect(await row('seen').locator('.ports a').getAttribute('href')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    await docker('pause', 'seen');
    await row('seen', 'paused').waitFor();
    await button('Resume seen').click();
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
    await bed.page.keyboard.press('ArrowRight');
    expect(await bed.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Start subject');
    await bed.page.keyboard.press('Enter');
    await row('subject', 'running').focus();
    await bed.page.keyboard.press('Delete');
    await bed.page.getByText('It runs: it is killed').waitFor();
    await bed.page.keyboard.press('Escape');
    await bed.page.getByText('It runs: it is killed').waitFor({ state: 'detached' });
    expect(await stateOf('subject')).toBe('running');
    await row('subject').focus();
    await bed.page.keyboard.press('Delete');
    await bed.page.getByText('It runs: it is killed').waitFor();
    await bed.page.keyboard.press('Enter');
    await row('subject').waitFor({ state: 'detached' });
    expect((await bed.berth.docker(['inspect', 'subject'])).exitCode).not.toBe(0);
  });

  test('logs follow, and end when the container does', async () => {
    const script = 'echo first; echo broken >&2; while [ ! -e /go ]; do sleep 0.1; done; echo last';
    await docker('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', script);
    await row('talker').click();
    await bed.page.locator('.log .row', { hasText: 'first' }).waitFor();
    await bed.page.locator('.log .row.error', { hasText: 'broken' }).waitFor();
    await docker('exec', 'talker', 'touch', '/go');
    await bed.page.locator('.log .row', { hasText: 'last' }).waitFor();
    await bed.page.getByLabel('Filter lines').fill('BROK');
    await bed.page.getByText('1 with it').waitFor();
    expect(await bed.page.locator('.log .row').allInnerTexts()).toEqual(['broken']);
    await bed.page.locator('.log .foot', { hasText: 'ended' }).waitFor();
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
    await bed.page.locator('.log .row', { hasText: evil }).waitFor();
    await bed.page.getByRole('tab', { name: 'Details' }).click();
    await bed.page.locator('.facts dd', { hasText: evil }).first().waitFor();
    expect(
      await bed.page.evaluate(() => [
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
    const own = bed.page.url();
    const other = await bed.page.context().newPage();
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
    await bed.page.locator('.machine', { hasText: 'Running' }).waitFor();
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
    await bed.page.locator('.log .foot', { hasText: 'following' }).waitFor();
    const heap = await heapOf(bed.page);
    await docker('exec', 'flood', 'touch', '/go');
    const foot = bed.page.locator('.log .foot');
    await until(async () => /of 1,000,000 lines/.test(await foot.innerText()), { ...soon, timeoutMs: 60_000 });
    await bed.page.locator('.log .row', { hasText: /^1000000$/ }).waitFor();
    expect(await bed.page.locator('.log .row').count()).toBeLessThan(200);
    expect((await heapOf(bed.page)) - heap).toBeLessThan(30 * 1024 * 1024);
  });

  test('images and volumes are listed and removed', async () => {
    await docker('tag', 'busybox', 'another:name');
    await docker('volume', 'create', 'keep-me');
    await docker('create', '--name', 'user', '-v', 'used:/data', 'busybox');
    await go('images');
    await bed.page.locator('td.name[title*="another:name"]').waitFor();
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

  test('the machine stops and starts, and the page follows', async () => {
    await button('Stop the machine').click();
    await bed.page.getByText('The machine is not running').waitFor();
    await bed.page.locator('main').getByRole('button', { name: 'Start the machine' }).click();
    await bed.page.getByText('No containers yet').waitFor({ timeout: 60_000 });
  });

  test('findings and logs of berth itself are shown', async () => {
    await go('problems');
    await bed.page.locator('.findings li', { hasText: 'configuration' }).waitFor();
    await go('log');
    await bed.page.locator('.log .row', { hasText: 'the daemon serves' }).first().waitFor();
  });

  test('every view can be used by everybody, light and dark, as far as axe can tell', async () => {
    const script = 'echo o; echo e >&2; sleep 100000';
    await docker('run', '-d', '--name', 'shown', '-p', '127.0.0.1::80', 'busybox', 'sh', '-c', script);
    // The policy of the pages would not let axe in.
    await using other = await openDashboard(bed.browser, bed.berth, { bypassCSP: true });
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
    await other.page.click('nav a[href="#engine"]');
    await other.page.locator('.cm-content').click();
    await other.page.keyboard.press('Control+a');
    await other.page.keyboard.insertText('{"debug": true}');
    await other.page.getByRole('button', { name: 'Review and apply' }).click();
    await other.page.locator('.dialog .cm-content').waitFor();
    await audit('review');
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
