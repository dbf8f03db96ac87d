import type { ContainerRow, MachineStatus } from '@berth/daemon/api';
import { portUrl } from '../shared/ports.ts';
import type { DesktopState } from './desktop-state.ts';

export type PageName = 'containers' | 'settings' | 'problems';

export type TrayAction =
  | { do: 'start' | 'stop' | 'restart' | 'quit' | 'stop and quit' }
  | { do: 'open'; page: PageName }
  | { do: 'browse'; url: string }
  | { do: 'container'; verb: 'stop' | 'restart'; id: string };

export type TrayItem =
  | { kind: 'separator' }
  | { kind: 'text'; label: string }
  | { kind: 'action'; label: string; action: TrayAction }
  | { kind: 'menu'; label: string; items: readonly TrayItem[] };

const separator: TrayItem = { kind: 'separator' };
const shownContainers = 15;
const shownReasons = 3;
const whole: TrayAction = { do: 'open', page: 'containers' };
const labelLength = 60;

const stateText: Record<MachineStatus['state'], string> = {
  stopped: 'berth is stopped',
  starting: 'berth is starting…',
  running: 'berth is running',
  stopping: 'berth is being stopped…',
  failed: 'berth has failed',
  detached: 'berth’s machine was left alone',
};
const haltedText = 'berth stands still';

/** What the icon tells at a glance. */
export type TrayIconName = 'off' | 'busy' | 'on' | 'attention';
export const trayIconNames: readonly TrayIconName[] = ['off', 'busy', 'on', 'attention'];

/** The tray's menu: nothing but a function of what is known. */
export function trayMenu(state: DesktopState): TrayItem[] {
  return [
    ...headline(state),
    ...machineActions(state.status),
    separator,
    ...containerItems(state),
    action('Dashboard…', { do: 'open', page: 'containers' }),
    action('Settings…', { do: 'open', page: 'settings' }),
    ...problemItems(state),
    separator,
    ...quitItems(state.status),
  ];
}

/** Beside the icon, for whoever hovers. */
export function trayTooltip({ status, phase }: DesktopState): string {
  if (!status) return 'berth is not running';
  return phase === null ? textOf(status) : `${stateText[status.state]} ${phase}`;
}

/** What needs somebody comes before what goes on. */
export function trayIcon({ status, problems }: DesktopState): TrayIconName {
  if (!status) return 'off';
  if (status.state === 'failed' || status.halted !== null || problems.length > 0) return 'attention';
  if (status.state === 'starting' || status.state === 'stopping') return 'busy';
  return status.state === 'running' ? 'on' : 'off';
}

function textOf({ state, halted }: MachineStatus): string {
  return halted === null ? stateText[state] : haltedText;
}

function headline({ status, phase }: DesktopState): TrayItem[] {
  if (!status) return [text('berth is not running')];
  if (phase !== null) return [text(textOf(status)), text(phase)];
  // The menu has room for its beginning only; the page has the whole of it, and what to do.
  const why = [...new Set([status.problem, status.halted, ...status.warnings])].filter((each) => each !== null);
  return [text(textOf(status)), ...why.slice(0, shownReasons).map((each) => action(each, whole))];
}

function machineActions(status: MachineStatus | null): TrayItem[] {
  const state = status?.state;
  if (state === 'stopping') return [];
  if (state === 'running') return [action('Stop', { do: 'stop' }), action('Restart', { do: 'restart' })];
  return state === 'starting' ? [action('Stop', { do: 'stop' })] : [action('Start', { do: 'start' })];
}

function containerItems({ status, containers }: DesktopState): TrayItem[] {
  if (status?.state !== 'running') return [];
  const running = containers.filter(({ state }) => state === 'running');
  if (running.length === 0) return [text('No running containers'), separator];
  const more = running.length - shownContainers;
  return [
    text(running.length === 1 ? '1 running container' : `${running.length} running containers`),
    ...running.slice(0, shownContainers).map(containerMenu),
    ...(more > 0 ? [action(`${more} more…`, { do: 'open', page: 'containers' })] : []),
    separator,
  ];
}

function containerMenu({ id, name, ports }: ContainerRow): TrayItem {
  const links = ports
    .filter(({ protocol }) => protocol === 'tcp')
    .map((port) => action(`Open port ${port.hostPort}`, { do: 'browse', url: portUrl(port) }));
  return {
    kind: 'menu',
    label: labelOf(name),
    items: [
      ...links,
      action('Stop', { do: 'container', verb: 'stop', id }),
      action('Restart', { do: 'container', verb: 'restart', id }),
    ],
  };
}

/** The machine has a life of its own: ending the app leaves it alone unless somebody says otherwise. */
function quitItems(status: MachineStatus | null): TrayItem[] {
  const quit = action('Quit', { do: 'quit' });
  return status?.state === 'running' ? [quit, action('Stop berth and quit', { do: 'stop and quit' })] : [quit];
}

function problemItems({ problems }: DesktopState): TrayItem[] {
  if (problems.length === 0) return [];
  return [action(`Problems (${problems.length})…`, { do: 'open', page: 'problems' })];
}

function action(label: string, what: TrayAction): TrayItem {
  return { kind: 'action', label: labelOf(label), action: what };
}

function text(label: string): TrayItem {
  return { kind: 'text', label: labelOf(label) };
}

/** One short line; an ampersand would underline the letter after it. */
function labelOf(given: string): string {
  const line = given.replaceAll(/\s+/g, ' ').trim();
  const short = line.length > labelLength ? `${line.slice(0, labelLength - 1)}…` : line;
  return short.replaceAll('&', '&&');
}
