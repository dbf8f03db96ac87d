import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeElectron } from '../testing/fake-electron.ts';
import { FakeLink, machineStatus } from '../testing/fake-link.ts';
import { startApp } from './app.ts';

let dir: string;
let electron: FakeElectron;
let link: FakeLink;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'berth-desktop-'));
  await writeFile(path.join(dir, 'index.html'), 'page');
  electron = new FakeElectron();
  link = new FakeLink();
});
afterEach(async () => {
  electron.app.quit();
  await rm(dir, { recursive: true });
});

const trayIcons = { off: '/off.png', busy: '/busy.png', on: '/on.png', attention: '/attention.png' };

const start = () =>
  startApp({
    electron: electron.parts(),
    link,
    files: { pagesDir: dir, preload: '/preload.cjs', trayIcons },
  });

async function running() {
  link.answers = {
    doctor: [{ check: 'home', state: 'problem', finding: '', fix: '' }],
    'containers.list': [
      { id: 'abc', name: 'web', state: 'running', ports: [{ address: '', hostPort: 80, protocol: 'tcp' }] },
    ],
  };
  await start();
  await link.tell({ kind: 'status', status: machineStatus('running') });
  await link.tell({ kind: 'lost' });
  await vi.waitFor(() => expect(electron.labels()).toContain('1 running container'));
}

test("the tray follows the daemon's events", async () => {
  await running();
  expect(electron.labels()).toEqual(
    expect.arrayContaining(['berth is running', 'Stop', 'Restart', 'web', 'Problems (1)…', 'Quit']),
  );
  expect(electron.icon).toBe('/attention.png');
  await link.tell({ kind: 'status', status: machineStatus('stopped') });
  expect(electron.labels()).toContain('Start');
  expect(electron.labels()).not.toContain('web');
  expect(electron.tooltip).toBe('berth is stopped');
  link.streams[0]?.end(new Error('gone'));
  await vi.waitFor(() => expect(electron.labels()).toContain('berth is not running'));
  expect(electron.icon).toBe('/off.png');
});

test('what is chosen in the tray is done; what the daemon refuses is shown', async () => {
  await running();
  for (const label of ['Stop', 'Restart', 'Open port 80']) expect(electron.choose(label)).toBe(true);
  const menu = electron.menu.find(({ label }) => label === 'web')?.submenu;
  expect(electron.choose('Stop', menu as never)).toBe(true);
  const asked = link.calls.filter(([name]) => !['doctor', 'containers.list'].includes(name));
  expect(asked).toEqual([
    ['stop', {}],
    ['restart', {}],
    ['containers.stop', { id: 'abc' }],
  ]);
  expect(electron.opened).toEqual(['http://localhost:80/']);
  link.answers = { restart: new Error('no kernel') };
  electron.choose('Restart');
  await vi.waitFor(() => expect(electron.errors).toEqual(['no kernel']));
  link.answers = { stop: new Error('it hangs') };
  electron.choose('Stop berth and quit');
  await vi.waitFor(() => expect(electron.errors).toEqual(['no kernel', 'it hangs']));
  expect(electron.app.quits).toBe(0);
  link.answers = {};
  electron.choose('Stop berth and quit');
  await vi.waitFor(() => expect(electron.app.quits).toBe(1));
  electron.choose('Quit');
  expect(electron.app.quits).toBe(2);
});

test('the window is sandboxed and isolated, and made once', async () => {
  await running();
  electron.choose('Dashboard…');
  electron.choose('Settings…');
  electron.app.emit('second-instance');
  expect(electron.windows).toHaveLength(1);
  const [window] = electron.windows;
  electron.choose('Settings…');
  expect(window?.loaded).toEqual(['berth://app/#containers', 'berth://app/#settings']);
  expect(electron.app.sandboxed).toBe(true);
  expect(window?.options).toMatchObject({
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
  });
  window?.emit('closed');
  electron.choose('Dashboard…');
  expect(electron.windows).toHaveLength(2);
});

test('a page that crashes is shown again, unless it does so again and again', async () => {
  await running();
  electron.choose('Settings…');
  const [window] = electron.windows;
  const crash = (reason: string) => window!.webContents.emit('render-process-gone', {}, { reason });
  for (const reason of ['clean-exit', 'crashed', 'oom']) crash(reason);
  expect([window!.webContents.reloads, electron.errors]).toEqual([2, []]);
  crash('crashed');
  expect(electron.errors).toEqual(['The window crashed again and again (crashed), so it was closed.']);
  electron.choose('Settings…');
  expect(electron.windows).toHaveLength(2);
});

test('no page is given a permission', async () => {
  await start();
  const answers: boolean[] = [];
  const { request, check } = electron.permissions;
  for (const permission of ['media', 'notifications', 'clipboard-read', 'openExternal']) {
    request!(null, permission, (granted) => answers.push(granted));
    answers.push(check!(null, permission));
  }
  expect(new Set(answers)).toEqual(new Set([false]));
});

test('a page leads nowhere but to the own pages; web links open in the browser', async () => {
  await running();
  electron.choose('Dashboard…');
  const contents = electron.windows[0]!.webContents;
  for (const url of ['http://localhost:80/', 'file:///etc/passwd', 'javascript:alert(1)', 'berth-evil://x']) {
    expect(contents.opener({ url })).toEqual({ action: 'deny' });
  }
  expect(electron.opened).toEqual(['http://localhost:80/']);
  const prevented: string[] = [];
  for (const url of ['http://evil.example/', 'berth://app/#images', 'berth://application/']) {
    contents.emit('will-navigate', { preventDefault: () => prevented.push(url) }, url);
  }
  contents.emit('will-attach-webview', { preventDefault: () => prevented.push('webview') });
  expect(prevented).toEqual(['http://evil.example/', 'berth://application/', 'webview']);
});

test('the scheme serves the built files with the strict policy, and nothing else', async () => {
  await start();
  const get = (url: string, method = 'GET') => electron.respond!(new Request(url, { method }));
  const page = get('berth://app/');
  expect([page.status, await page.text()]).toEqual([200, 'page']);
  expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
  const refused = [get('berth://app/../secret'), get('berth://app/', 'POST'), get('berth://other/')];
  expect(refused.map(({ status }) => status)).toEqual([404, 403, 403]);
});

test('a second instance leaves everything to the first', async () => {
  electron.app.first = false;
  await start();
  expect([electron.app.quits, electron.menu, link.streams]).toEqual([1, [], []]);
});
