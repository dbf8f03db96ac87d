import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { launchBrowser, openDashboard, type DashboardPage } from '../helpers/browser.ts';

export const forever = ['sleep', '100000'];
export const soon = { timeoutMs: 10_000, what: 'change in the page' };

/** A berth on the linux driver, and for each test a page of its own on it, that nothing may have to complain about. */
export interface DashboardBed {
  readonly berth: Berth;
  readonly browser: Browser;
  readonly page: Page;
  /** What the page complained about so far; whatever a test expects of it, it takes away. */
  readonly complaints: string[];
  /** The stock CLI's output; rejects with what it said when it failed. */
  docker(...args: string[]): Promise<string>;
  /** A row of the list by what is in it, and the state of its container. */
  row(text: string, state?: string): Locator;
  button(name: string): Locator;
  go(view: string): Promise<void>;
}

/** Registers what sets the bed up and takes it down, for the tests of the suite that calls it. */
export function dashboardBed(): DashboardBed {
  let berth: Berth;
  let browser: Browser;
  let dashboard: DashboardPage;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth('linux'), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await berth[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    dashboard = await openDashboard(browser, berth);
    dashboard.page.setDefaultTimeout(30_000);
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
  return {
    get berth() {
      return berth;
    },
    get browser() {
      return browser;
    },
    get page() {
      return dashboard.page;
    },
    get complaints() {
      return dashboard.complaints;
    },
    docker,
    row: (text, state) =>
      dashboard.page.locator(`tbody tr${state ? `[data-state="${state}"]` : ''}`, { hasText: text }),
    button: (name) => dashboard.page.getByRole('button', { name, exact: true }),
    go: (view) => dashboard.page.click(`nav a[href="#${view}"]`),
  };
}
