import type { Menu, MenuItemConstructorOptions, Tray } from 'electron';
import type { DesktopState } from './desktop-state.ts';
import { trayMenu, trayTooltip, type TrayAction, type TrayItem } from './tray-menu.ts';

export interface TrayOptions {
  tray: Pick<Tray, 'setContextMenu' | 'setToolTip'>;
  buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
  onAction: (action: TrayAction) => void;
}

/** Shows a state in the tray. A menu that says the same as the one before is left alone: it may be open. */
export function trayPresenter({ tray, buildMenu, onAction }: TrayOptions): (state: DesktopState) => void {
  let shown = '';
  return (state) => {
    tray.setToolTip(trayTooltip(state));
    const items = trayMenu(state);
    const now = JSON.stringify(items);
    if (now === shown) return;
    shown = now;
    tray.setContextMenu(buildMenu(items.map((item) => template(item, onAction))));
  };
}

function template(item: TrayItem, onAction: (action: TrayAction) => void): MenuItemConstructorOptions {
  if (item.kind === 'separator') return { type: 'separator' };
  if (item.kind === 'text') return { label: item.label, enabled: false };
  if (item.kind === 'menu') return { label: item.label, submenu: item.items.map((each) => template(each, onAction)) };
  return { label: item.label, click: () => onAction(item.action) };
}
