import type * as Electron from 'electron';
import { readPages } from '@berth/daemon/api';
import type { DaemonLink } from './daemon-link.ts';
import { followState } from './desktop-state.ts';
import { serveIpc } from './ipc.ts';
import { pageResponder } from './page-protocol.ts';
import { trayPresenter } from './tray.ts';
import type { TrayAction, TrayIconName } from './tray-menu.ts';
import { MainWindow } from './main-window.ts';
import { denyPermissions, pageScheme } from './windows.ts';

/** What the app uses of Electron. */
export type ElectronParts = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'dialog' | 'ipcMain' | 'Menu' | 'nativeImage' | 'protocol' | 'session' | 'shell' | 'Tray'
>;

export interface AppOptions {
  electron: ElectronParts;
  link: DaemonLink;
  /** Of the built pages, the preload script and the tray's icons. */
  files: { pagesDir: string; preload: string; trayIcons: Readonly<Record<TrayIconName, string>> };
}

/** Puts berth into the tray. It lives there: closing its window does not end it. */
export async function startApp({ electron, link, files }: AppOptions): Promise<void> {
  const { app, protocol, session } = electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges: { standard: true, secure: true } }]);
  const pages = await readPages(files.pagesDir);
  await app.whenReady();
  protocol.handle(pageScheme, pageResponder(pages));
  denyPermissions(session.defaultSession);
  serveIpc(electron.ipcMain, link);
  const windows = new MainWindow(electron, files.preload);
  const ended = new AbortController();
  app.on('window-all-closed', () => undefined);
  app.on('second-instance', () => windows.show());
  app.on('activate', () => windows.show());
  app.on('before-quit', () => ended.abort());
  const icon = (name: TrayIconName) => electron.nativeImage.createFromPath(files.trayIcons[name]);
  const tray = new electron.Tray(icon('off'));
  const present = trayPresenter({
    tray,
    icon,
    buildMenu: (template) => electron.Menu.buildFromTemplate(template),
    onAction: (action) => void act({ electron, link, windows }, action),
  });
  tray.on('double-click', () => windows.show());
  void followState({ link, onChange: present, signal: ended.signal });
}

interface Acting {
  electron: ElectronParts;
  link: DaemonLink;
  windows: MainWindow;
}

async function act({ electron, link, windows }: Acting, action: TrayAction): Promise<void> {
  try {
    if (action.do === 'stop and quit') await link.call('stop', {});
    if (action.do === 'quit' || action.do === 'stop and quit') electron.app.quit();
    else if (action.do === 'open') windows.show(action.page);
    else if (action.do === 'browse') await electron.shell.openExternal(action.url);
    else if (action.do === 'container') await link.call(`containers.${action.verb}`, { id: action.id });
    else await link.call(action.do, {});
  } catch (error) {
    electron.dialog.showErrorBox('berth', (error as Error).message);
  }
}
