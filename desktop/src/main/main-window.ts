import type * as Electron from 'electron';
import type { PageName } from './tray-menu.ts';
import { isWebLink, keepInside, pageOrigin, windowOptions } from './windows.ts';

export type WindowParts = Pick<typeof Electron, 'BrowserWindow' | 'dialog' | 'shell'>;

/** A page that crashes as often as this within that time is not shown again by itself. */
const crashLimit = 3;
const crashWindowMs = 60_000;

/** The one window, which is made when it is first shown. */
export class MainWindow {
  readonly #electron: WindowParts;
  readonly #preload: string;
  #window: Electron.BrowserWindow | null = null;
  #crashes: number[] = [];

  constructor(electron: WindowParts, preload: string) {
    this.#electron = electron;
    this.#preload = preload;
  }

  /** `page`: left out, it stays where it is. What is shown already is not loaded again: something may be typed there. */
  show(page?: PageName): void {
    const isNew = this.#window === null;
    this.#window ??= this.#open();
    const url = `${pageOrigin}/#${page ?? 'containers'}`;
    if (isNew || (page && this.#window.webContents.getURL() !== url)) void this.#window.loadURL(url);
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  #open(): Electron.BrowserWindow {
    const window = new this.#electron.BrowserWindow(windowOptions(this.#preload));
    keepInside(window.webContents, (url) => {
      if (isWebLink(url)) void this.#electron.shell.openExternal(url);
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => this.#onCrash(window, reason));
    window.on('closed', () => (this.#window = null));
    return window;
  }

  /** The page holds nothing that the daemon does not know, so a new one goes on where it was. */
  #onCrash(window: Electron.BrowserWindow, reason: string): void {
    if (reason === 'clean-exit') return;
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < crashWindowMs), now];
    if (this.#crashes.length < crashLimit) return window.webContents.reload();
    this.#crashes = [];
    window.destroy();
    this.#electron.dialog.showErrorBox('berth', `The window crashed again and again (${reason}), so it was closed.`);
  }
}
