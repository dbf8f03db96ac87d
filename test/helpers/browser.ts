import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Berth } from './berth.ts';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium of this machine; undefined: there is none. */
export const chromiumPath: string | undefined = candidates.find((file) => existsSync(file));

/** Why tests of pages are left out; null: they need not be. */
export const noBrowser: string | null =
  chromiumPath === undefined ? 'no Chromium (Debian: apt install chromium)' : null;

/** As root Chromium has no sandbox of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface DashboardPage extends AsyncDisposable {
  page: Page;
  /** What the page complained about: violations of its policy, uncaught errors, dialogs that something opened. */
  complaints: string[];
}

/** The dashboard of this berth in a browser profile of its own. */
export async function openDashboard(
  browser: Browser,
  berth: Pick<Berth, 'berth'>,
  options: BrowserContextOptions = {},
): Promise<DashboardPage> {
  const link = await berth.berth('dashboard', '--no-open');
  if (link.exitCode !== 0) throw new Error(link.stderr);
  const context = await browser.newContext({ viewport: { width: 1180, height: 740 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('response', (response) => {
    if (response.status() < 400) return;
    void response.text().then((text) => complaints.push(`${response.status()} ${response.url()} ${text}`));
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(link.stdout.trim());
  // The link leads on to the pages by itself.
  await page.waitForURL('**/s/*/**');
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}
