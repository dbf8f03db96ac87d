import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { engineRequest } from '../helpers/engine-request.ts';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { launchBrowser, noBrowser, openDashboard } from '../helpers/browser.ts';
import { median } from './statistics.ts';

const containers = 200;
const running = 20;
const changed = 'bench-199';

/** How soon the dashboard can be used with many containers, and how soon it shows that one has changed. */
export async function benchDashboard({ runs }: { runs: number }): Promise<void> {
  if (noBrowser !== null) throw new Error(noBrowser);
  await using berth = await startBerth('linux');
  const browser = await launchBrowser();
  try {
    for (let n = 0; n < containers; n++) await post(berth, `/containers/create?name=bench-${n}`, sleeper);
    for (let n = 0; n < running; n++) await post(berth, `/containers/bench-${n}/start`);
    const opens: number[] = [];
    for (let run = 0; run < runs; run++) opens.push(await openOnce(browser, berth));
    print(`usable after opening, ${containers} containers, ${running} of them running`, opens);
    print('a change is shown, from the time that the engine gives its event', await changes(browser, berth, runs));
  } finally {
    await browser.close();
  }
}

const sleeper = { Image: 'busybox', Cmd: ['sleep', '100000'], StopSignal: 'KILL' };

function print(label: string, times: number[]): void {
  const worst = Math.max(...times);
  console.log(
    `| ${label} (median of ${times.length}) | ${median(times).toFixed(0)} ms | at most ${worst.toFixed(0)} ms |`,
  );
}

/** From the moment that the link is opened until every row is there and answers to a click. */
async function openOnce(browser: Browser, berth: Berth): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1180, height: 740 } });
  const page = await context.newPage();
  const link = (await berth.berth('dashboard', '--no-open')).stdout.trim();
  const startedAt = performance.now();
  await page.goto(link, { waitUntil: 'commit' });
  await page.waitForFunction((count) => document.querySelectorAll('tbody tr').length === count, containers);
  await page.locator('tbody tr').first().click();
  const tookMs = performance.now() - startedAt;
  await context.close();
  return tookMs;
}

/** The page notes when a row's state changes, the engine's events when it did: one clock, as it is one machine. */
async function changes(browser: Browser, berth: Berth, runs: number): Promise<number[]> {
  await using dashboard = await openDashboard(browser, berth);
  const { page } = dashboard;
  const rows = page.locator('tbody tr', { hasText: changed });
  await rows.waitFor();
  const events = await engineEvents(berth);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    for (const [verb, state, action] of [
      ['start', 'running', 'start'],
      ['stop', 'exited', 'die'],
    ] as const) {
      const shown = await shownAt(page, state);
      await post(berth, `/containers/${changed}/${verb}`);
      times.push((await shown()) - (await events.next(action)));
    }
  }
  events.end();
  return times;
}

/** Begins to watch for the state; what it returns tells when it was there (milliseconds since 1970). */
async function shownAt(page: Page, state: string): Promise<() => Promise<number>> {
  const handle = await page.evaluateHandle(
    ([name, wanted]) => {
      const find = () => [...document.querySelectorAll('tbody tr')].find((row) => row.textContent?.includes(name!));
      const { promise, resolve } = Promise.withResolvers<number>();
      const look = () => {
        if (find()?.getAttribute('data-state') === wanted) resolve(performance.timeOrigin + performance.now());
      };
      new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
      return { promise };
    },
    [changed, state],
  );
  return () => handle.evaluate(({ promise }) => promise);
}

async function engineEvents({ socketPath }: Berth) {
  const ask = request({ socketPath, path: '/v1.51/events?filters={"type":["container"]}', agent: false });
  const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
  const lines = createInterface({ input: answer })[Symbol.asyncIterator]();
  return {
    next: async (action: string): Promise<number> => {
      for (;;) {
        const line = await lines.next();
        const event = JSON.parse(String(line.value)) as { Action: string; timeNano: number };
        if (event.Action === action) return event.timeNano / 1e6;
      }
    },
    end: () => ask.destroy(),
  };
}

async function post({ socketPath }: Berth, path: string, body?: unknown): Promise<void> {
  const answer = await engineRequest(socketPath, {
    method: 'POST',
    path: `/v1.51${path}`,
    ...(body !== undefined && { body }),
  });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.body}`);
}
