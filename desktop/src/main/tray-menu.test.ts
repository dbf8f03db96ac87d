import { expect, test } from 'vitest';
import type { ContainerRow } from '@berth/daemon/api';
import { machineStatus as status } from '../testing/fake-link.ts';
import { nothingKnown, type DesktopState } from './desktop-state.ts';
import { trayIcon, trayMenu, trayTooltip, type TrayIconName, type TrayItem } from './tray-menu.ts';

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
const ends = [...end, 'Stop berth and quit'];
const full = 'the disk that /home is on is full';
const halted = { ...status('running'), halted: full, warnings: [full, 'ports of abc: in use'] };
const outdated = "the machine's data are of a newer VM image: update berth";
const problems = [{ check: 'home', state: 'problem' as const, finding: '', fix: '' }];
const nobody = ['No running containers', '-'];

test.each<[string, Partial<DesktopState>, [TrayIconName, ...string[]]]>([
  ['no daemon', {}, ['off', 'berth is not running', 'Start', '-', ...end]],
  ['stopped', { status: status('stopped') }, ['off', 'berth is stopped', 'Start', '-', ...end]],
  [
    'starting',
    { status: status('starting'), phase: 'kernel' },
    ['busy', 'berth is starting…', 'kernel', 'Stop', '-', ...end],
  ],
  ['stopping', { status: status('stopping') }, ['busy', 'berth is being stopped…', '-', ...end]],
  [
    'failed',
    { status: status('failed', 'no disk') },
    ['attention', 'berth has failed', 'no disk', 'Start', '-', ...end],
  ],
  [
    'a newer berth needed',
    { status: status('failed', outdated) },
    ['attention', 'berth has failed', outdated, 'Start', '-', ...end],
  ],
  ['left alone', { status: status('detached') }, ['off', 'berth’s machine was left alone', 'Start', '-', ...end]],
  ['running', { status: status('running') }, ['on', 'berth is running', 'Stop', 'Restart', '-', ...nobody, ...ends]],
  [
    'standing still',
    { status: halted },
    ['attention', 'berth stands still', full, 'ports of abc: in use', 'Stop', 'Restart', '-', ...nobody, ...ends],
  ],
  [
    'running with problems',
    { status: status('running'), problems },
    [
      'attention',
      'berth is running',
      'Stop',
      'Restart',
      '-',
      ...nobody,
      ...end.toSpliced(2, 0, 'Problems (1)…'),
      'Stop berth and quit',
    ],
  ],
])('%s', (_name, state, expected) =>
  expect([trayIcon({ ...nothingKnown, ...state }), ...menu(state)]).toEqual(expected),
);

test('a reason too long for the menu leads to where the whole of it is', () => {
  const items = trayMenu({ ...nothingKnown, status: status('failed', 'x'.repeat(200)) });
  expect(items[1]).toEqual({
    kind: 'action',
    label: `${'x'.repeat(59)}…`,
    action: { do: 'open', page: 'containers' },
  });
});

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
  const all = menu({ status: status('running', `a\n${'x'.repeat(500)} & more`), containers, problems });
  expect(all).toContain('185 more…');
  expect(all).toContain('Problems (1)…');
  expect(all.length).toBeLessThan(30);
  expect(Math.max(...all.map((label) => label.length))).toBeLessThanOrEqual(60);
  expect(menu({ status: status('failed', 'this & that') })).toContain('this && that');
});

test('the tooltip says what goes on', () => {
  expect(trayTooltip(nothingKnown)).toBe('berth is not running');
  expect(trayTooltip({ ...nothingKnown, status: status('starting'), phase: 'kernel' })).toBe(
    'berth is starting… kernel',
  );
  expect(trayTooltip({ ...nothingKnown, status: halted })).toBe('berth stands still');
});
