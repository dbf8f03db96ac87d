import { describe, expect, test } from 'vitest';
import { until } from '@berth/daemon/testing';
import { noBrowser } from '../helpers/browser.ts';
import { dashboardBed, forever, soon } from './dashboard-bed.ts';

/* Lists by keys, in narrow windows and without a daemon, in Chromium against a real one (linux driver). Needs root. */

describe.skipIf(noBrowser !== null)(`lists${noBrowser === null ? '' : ` (skipped: ${noBrowser})`}`, () => {
  const bed = dashboardBed();
  const { docker, row, go, button } = bed;
  const focused = () => bed.page.evaluate(() => document.activeElement?.textContent ?? '');

  test('whoever walks a list by keys stays in it when a row goes', async () => {
    for (const name of ['one', 'two', 'three']) await docker('create', '--name', name, 'busybox');
    await row('one').waitFor();
    await row('three').focus();
    await bed.page.keyboard.press('End');
    expect(await focused()).toContain('one');
    await bed.page.keyboard.press('Home');
    await bed.page.keyboard.press('ArrowDown');
    expect(await focused()).toContain('two');
    await bed.page.keyboard.press('Delete');
    await bed.page.getByText('Remove two?').waitFor();
    await bed.page.keyboard.press('Escape');
    await bed.page.getByText('Remove two?').waitFor({ state: 'detached' });
    expect(await focused()).toContain('two');
    await bed.page.keyboard.press('Delete');
    await bed.page.keyboard.press('Enter');
    await row('two').waitFor({ state: 'detached' });
    await until(async () => (await focused()).includes('one'), soon);
  });

  test('a filter that nothing passes says so', async () => {
    await docker('create', '--name', 'there', 'busybox');
    await row('there').waitFor();
    await bed.page.keyboard.press('/');
    await bed.page.keyboard.type('no-such');
    await bed.page.getByText('Nothing matches').waitFor();
    await bed.page.keyboard.press('Escape');
    await row('there').waitFor();
  });

  test('what is cut off can be read, and a port on an IPv6 address opened', async () => {
    const name = 'x'.repeat(100);
    await docker('run', '-d', '--name', name, '-p', '[::1]::80', 'busybox', ...forever);
    await row(name, 'running').waitFor();
    expect(await row(name).locator('.name').getAttribute('title')).toBe(name);
    expect(await row(name).locator('.ports a').getAttribute('href')).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
    await row(name).focus();
    await bed.page.keyboard.press('ArrowRight');
    expect(await focused()).toMatch(/^\[::1\]:\d+ → 80$/);
  });

  test('nothing moves for whoever does not want it to', async () => {
    await docker('run', '-d', '--name', 'loop', '--restart', 'always', 'busybox', 'false');
    await row('loop', 'restarting').waitFor();
    const moving = () => bed.page.evaluate(() => document.getAnimations().length);
    // Between two tries it runs, for a moment.
    await until(async () => (await moving()) > 0, soon);
    await bed.page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moving()).toBe(0);
  });

  test('an image that containers use is not removed from under them', async () => {
    await docker('create', '--name', 'user', 'busybox');
    await go('images');
    await row('1 container').waitFor();
    expect(await row('busybox').getByRole('button').isDisabled()).toBe(true);
  });

  test.each([420, 720])('nothing is out of reach in a window of %i pixels', async (width) => {
    await docker('run', '-d', '--name', 'narrow', '-p', '127.0.0.1::80', 'busybox', ...forever);
    await bed.page.setViewportSize({ width, height: 600 });
    await row('narrow').click();
    expect((await row('narrow').locator('.name').boundingBox())!.width).toBeGreaterThan(30);
    for (const view of ['containers', 'images', 'volumes', 'settings', 'engine', 'problems', 'log']) {
      await go(view);
      await bed.page.locator('h1').waitFor();
      const beyond = await bed.page.evaluate(() =>
        [...document.querySelectorAll('main button, main input, main select, .machine button')]
          .filter((element) => element.getBoundingClientRect().right > innerWidth)
          .map((element) => element.outerHTML),
      );
      expect(beyond, view).toEqual([]);
    }
  });

  test('without a daemon the page says so, and offers nothing that needs one', async () => {
    await docker('run', '-d', '--name', 'kept', '--stop-signal', 'KILL', 'busybox', ...forever);
    await row('kept').waitFor();
    expect((await bed.berth.berth('down')).exitCode).toBe(0);
    await bed.page.getByText('If it was started anew').waitFor();
    await bed.page.locator('.machine', { hasText: 'No answer' }).waitFor();
    expect(await button('Start the machine').count()).toBe(0);
    await go('settings');
    await until(async () => (await bed.page.title()) === 'Settings · berth', soon);
    // What the browser itself says of connections that fail.
    bed.complaints.length = 0;
    expect((await bed.berth.berth('up', '--driver', 'linux')).exitCode).toBe(0);
    await bed.page.close();
    bed.complaints.length = 0;
  });
});
