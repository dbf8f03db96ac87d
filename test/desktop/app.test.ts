import path from 'node:path';
import { controlSocketIn } from '@berth/daemon/api';
import { until } from '@berth/daemon/testing';
import { daemonLink, FakeElectron, FakePage, pageOrigin, startApp } from '@berth/desktop/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { launchBrowser, noBrowser } from '../helpers/browser.ts';

/*
 * The app in all but Electron: its main process against a real daemon, its pages in Chromium, joined by the app's own
 * IPC. Needs root.
 */

const pagesDir = path.resolve(import.meta.dirname, '../../desktop/dist/pages');
const site = 'http://app.test';
const soon = { timeoutMs: 30_000, what: 'change in the tray' };

describe.skipIf(noBrowser !== null)(`app${noBrowser === null ? '' : ` (skipped: ${noBrowser})`}`, () => {
  let berth: Berth;
  let browser: Browser;
  const electron = new FakeElectron();

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth('linux'), launchBrowser()]);
    const bringUp = async () => void (await berth.berth('up', '--driver', 'linux'));
    await startApp({
      electron: electron.parts(),
      link: daemonLink({ socketPath: controlSocketIn(berth.home), bringUp }),
      files: { pagesDir, preload: '/preload.cjs', trayIcons: { off: '', busy: '', on: '', attention: '' } },
    });
  });
  afterAll(async () => {
    electron.app.quit();
    await browser.close();
    await berth[Symbol.asyncDispose]();
  });

  /** The window's page: what Electron would carry between it and the app goes through Playwright. */
  async function openWindow(): Promise<Page> {
    const page = await browser.newPage();
    const contents = new FakePage(1);
    await page.route(`${site}/**`, async (route) => {
      const answer = electron.respond!(new Request(route.request().url().replace(site, pageOrigin)));
      await route.fulfill({
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: Buffer.from(await answer.arrayBuffer()),
      });
    });
    await page.exposeFunction('berthInvoke', (name: string, request: unknown) =>
      electron.calls.get(name)?.({ sender: contents, senderFrame: { url: `${pageOrigin}/` } }, request),
    );
    contents.listeners_.push((channel, message) => {
      const tell = ([name, detail]: [string, unknown]) => dispatchEvent(new CustomEvent(`berth ${name}`, { detail }));
      void page.evaluate(tell, [channel, message] as [string, unknown]).catch(() => undefined);
    });
    page.once('close', () => contents.close());
    await page.addInitScript(() => {
      const { berthInvoke } = globalThis as unknown as { berthInvoke: (name: string, request: unknown) => unknown };
      const on = (name: string, listener: (detail: unknown) => void) =>
        addEventListener(`berth ${name}`, (event) => listener((event as CustomEvent).detail));
      Object.assign(globalThis, { berth: { invoke: berthInvoke, on } });
    });
    await page.goto(`${site}/`);
    return page;
  }

  test('tray and window follow the same daemon, and a click in either shows in both', async () => {
    await until(() => electron.labels().includes('berth is running'), soon);
    const page = await openWindow();
    const script = 'echo printed; sleep 100000';
    await berth.docker(['run', '-d', '--name', 'web', '--stop-signal', 'KILL', 'busybox', 'sh', '-c', script]);
    await until(() => electron.labels().includes('web'), soon);
    await page.locator('tbody tr[data-state="running"]', { hasText: 'web' }).click();
    await page.locator('.log .row', { hasText: 'printed' }).waitFor();
    expect(electron.choose('Stop', electron.menu.find(({ label }) => label === 'web')?.submenu as never)).toBe(true);
    await page.locator('tbody tr[data-state="exited"]', { hasText: 'web' }).waitFor();
    await page.getByRole('button', { name: 'Start web' }).click();
    await until(() => electron.labels().includes('web'), soon);
    await page.close();
    expect(electron.errors).toEqual([]);
  });

  test('without a daemon the app says so, and its start brings one up', async () => {
    const page = await openWindow();
    expect((await berth.berth('down')).exitCode).toBe(0);
    await page.getByText('The daemon does not answer').waitFor();
    await until(() => electron.labels().includes('berth is not running'), soon);
    expect(electron.choose('Start')).toBe(true);
    await until(() => electron.labels().includes('berth is running'), soon);
    await page.getByText('The daemon does not answer').waitFor({ state: 'detached' });
    await page.locator('tbody tr', { hasText: 'web' }).waitFor();
    await page.close();
  });

  test('a log that was being followed is followed again when the daemon is back', async () => {
    const page = await openWindow();
    await page.click('nav a[href="#log"]');
    await page.locator('.log .foot', { hasText: 'following' }).waitFor();
    expect((await berth.berth('down')).exitCode).toBe(0);
    await page.getByText('The daemon does not answer').waitFor();
    await page.getByRole('button', { name: 'Start berth' }).click();
    await page.getByText('The daemon does not answer').waitFor({ state: 'detached' });
    await page.locator('.log .foot', { hasText: 'following' }).waitFor();
    expect(await page.locator('.log .row', { hasText: 'the daemon serves' }).count()).toBeGreaterThan(0);
    await page.close();
  });
});
