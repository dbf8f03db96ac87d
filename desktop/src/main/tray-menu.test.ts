import { expect, test } from 'vitest';
import type { ContainerRow } from '@berth/daemon/api';
import { machineStatus as status } from '../testing/fake-link.ts';
import { nothingKnown, type DesktopState } from './desktop-state.ts';
import { trayMenu, trayTooltip, type TrayItem } from './tray-menu.ts';

function container(name: string, more: Partial<ContainerRow> = {}): ContainerRow {
  return {
    ...{ id: name, name, image: 'i', command: '', state: 'running', status: 'Up', createdAt: 0 },
    ...{ ports: [], labels: {}, volumes: [] },
    ...more,
  };
}

const labels = (items: readonly TrayItem[]) => items.map((item) => (item.kind === 'separator' ? '-' : item.label));
const menu = (state: Partial<DesktopState>) => labels(trayMenu({ ...nothingKnown, ...state }));
const end = ['Dashboard…', 'Settings…', '-', 'Quit'];

test.each<[string, Partial<DesktopState>, string[]]>([
  ['no daemon', {}, ['berth is not running', 'Start', '-', ...end]],
  ['stopped', { status: status('stopped') }, ['berth is stopped', 'Start', '-', ...end]],
  ['starting', { status: status('starting'), phase: 'kernel' }, ['berth is starting…', 'kernel', 'Stop', '-', ...end]],
  ['stopping', { status: status('stopping') }, ['berth is being stopped…', '-', ...end]],
  ['failed', { status: status('failed', 'no disk') }, ['berth did not start', 'no disk', 'Start', '-', ...end]],
  [
    'running',
    { status: status('running') },
    ['berth is running', 'Stop', 'Restart', '-', 'No running containers', '-', ...end],
  ],
])('%s', (_name, state, expected) => expect(menu(state)).toEqual(expected));

test('running containers have a menu of their own, with their ports', () => {
  const port = { address: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' };
  const containers = [
    container('web', { ports: [port, { ...port, hostPort: 53, protocol: 'udp' }] }),
    container('over', { state: 'exited' }),
  ];
  const items = trayMenu({ ...nothingKnown, status: status('running'), containers });
  expect(labels(items)).toContain('1 running container');
  const web = items.find((item) => item.kind === 'menu');
  expect(web?.kind === 'menu' && web.items).toEqual([
    { kind: 'action', label: 'Open port 8080', action: { do: 'browse', url: 'http://localhost:8080/' } },
    { kind: 'action', label: 'Stop', action: { do: 'container', verb: 'stop', id: 'web' } },
    { kind: 'action', label: 'Restart', action: { do: 'container', verb: 'restart', id: 'web' } },
  ]);
});

test('many containers, long words and problems stay a menu', () => {
  const containers = Array.from({ length: 200 }, (_, n) => container(`c${n}`));
  const problems = [{ check: 'home', state: 'problem' as const, finding: '', fix: '' }];
  const all = menu({ status: status('running', `a\n${'x'.repeat(500)} & more`), containers, problems });
  expect(all).toContain('185 more…');
  expect(all).toContain('Problems (1)…');
  expect(all.length).toBeLessThan(30);
  expect(Math.max(...all.map((label) => label.length))).toBeLessThanOrEqual(60);
  expect(menu({ status: status('failed', 'this & that') })).toContain('this && that');
});

test('the tooltip says what goes on', () => {
  expect(trayTooltip(nothingKnown)).toBe('berth is not running');
  expect(trayTooltip({ ...nothingKnown, status: status('starting'), phase: 'kernel' })).toBe('kernel');
});
