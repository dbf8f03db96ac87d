/**
 * Takes the README's pictures anew, light and dark, into desktop/screenshots:
 * `node --conditions=berth-source test/desktop/screenshots.ts`. Needs root and Chromium; pngquant makes them small.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Page } from 'playwright-core';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { launchBrowser, openDashboard } from '../helpers/browser.ts';

const target = path.resolve(import.meta.dirname, '../../desktop/screenshots');
const server =
  'n=0; while :; do n=$((n+1)); echo "GET /orders/$n 200 3 ms"; [ $((n%9)) = 0 ] && echo "warn: slow query (412 ms)" >&2; sleep 0.2; done';
const idle = ['sleep', '100000'];

await using berth = await startBerth('linux', { parent: '/srv' });
await fill(berth);
await writeFile(path.join(berth.home, 'daemon.json'), '{\n  "dns": ["1.1.1.1"],\n  "log-level": "debug"\n}\n');
const browser = await launchBrowser();
await mkdir(target, { recursive: true });
for (const colorScheme of ['light', 'dark'] as const) {
  await using dashboard = await openDashboard(browser, berth, { colorScheme });
  await takeAll(dashboard.page, colorScheme);
}
await browser.close();

async function fill({ docker }: Berth): Promise<void> {
  for (const tag of ['shop/web:2.4', 'shop/api:2.4', 'postgres:18', 'redis:8']) {
    await docker(['create', '--name', 'base', 'busybox']);
    await docker(['commit', '--change', `LABEL name=${tag}`, 'base', tag]);
    await docker(['rm', 'base']);
  }
  const run = (name: string, ...args: string[]) => docker(['run', '-d', '--name', name, ...args]);
  await docker(['create', '--name', 'next-release', 'shop/web:2.4', ...idle]);
  await run('migrate', 'shop/api:2.4', 'true');
  await run('import-2026-11', 'shop/api:2.4', 'sh', '-c', 'exit 3');
  await run('cache', 'redis:8', ...idle);
  await run('db', '-v', 'orders:/data', '-p', '127.0.0.1:5432:5432', 'postgres:18', ...idle);
  await run('worker', 'shop/api:2.4', ...idle);
  await run('api', '-p', '8081:80', 'shop/api:2.4', 'sh', '-c', server);
  await run('web', '-p', '8080:80', 'shop/web:2.4', ...idle);
  await docker(['pause', 'worker']);
  await docker(['volume', 'create', 'uploads']);
}

async function takeAll(page: Page, scheme: string): Promise<void> {
  const take = async (name: string) => {
    // Fades and late rows are over by then.
    await page.waitForTimeout(800);
    const file = path.join(target, `${name}-${scheme}.png`);
    await page.screenshot({ path: file });
    await execa('pngquant', ['--force', '--ext', '.png', '64', file], { reject: false });
  };
  const go = (view: string) => page.click(`nav a[href="#${view}"]`);
  await page.locator('tbody tr', { hasText: 'api' }).last().waitFor();
  await page.locator('tbody tr[data-state="running"]', { hasText: /^api/ }).click();
  await page.locator('.log .row.error').first().waitFor();
  await take('containers');
  for (const view of ['images', 'volumes', 'settings', 'problems', 'log']) {
    await go(view);
    await take(view);
  }
  await go('engine');
  await page.locator('.editor .cm-content').click();
  const type = async (text: string) => {
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  };
  await type('{\n  "dns": ["1.1.1.1", 8],\n  "log-opts": { "max-size": "10m" },\n  "mtuu": 1400\n}\n');
  await page.locator('.text-problems li').nth(1).waitFor();
  await take('engine');
  await type('{\n  "dns": ["1.1.1.1", "8.8.8.8"],\n  "log-opts": { "max-size": "10m" },\n  "mtu": 1400\n}\n');
  await page.locator('.text-problems li').first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Review and apply' }).click();
  await take('review');
}
