import type { Menu, MenuItemConstructorOptions, NativeImage, Tray } from 'electron';
import type { DesktopState } from './desktop-state.ts';
import { trayIcon, trayMenu, trayTooltip, type TrayAction, type TrayIconName, type TrayItem } from './tray-menu.ts';

export interface TrayOptions {
  tray: Pick<Tray, 'setContextMenu' | 'setImage' | 'setToolTip'>;
  icon: (name: TrayIconName) => NativeImage;
  buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
  onAction: (action: TrayAction) => void;
}

/** Shows a state in the tray. A menu that says the same as the one before is left alone: it may be open. */
export function trayPresenter({ tray, icon, buildMenu, onAction }: TrayOptions): (state: DesktopState) => void {
  let shown = '';
  let shownIcon: TrayIconName | null = null;
  return (state) => {
    tray.setToolTip(trayTooltip(state));
    const name = trayIcon(state);
    if (name !== shownIcon) tray.setImage(icon(name));
    shownIcon = name;
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
