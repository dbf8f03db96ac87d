import { EventEmitter } from 'node:events';
import type { MenuItemConstructorOptions } from 'electron';
import type { ElectronParts } from '../main/app.ts';
import type { IpcEvent, PageContents } from '../main/ipc.ts';

type Template = MenuItemConstructorOptions[];

class FakeWindow extends EventEmitter {
  readonly options: object;
  readonly loaded: string[] = [];
  readonly webContents = Object.assign(new EventEmitter(), {
    opener: (_details: { url: string }): unknown => undefined,
    reloads: 0,
    reload: () => void (this.webContents.reloads += 1),
    getURL: () => this.loaded.at(-1) ?? '',
    setWindowOpenHandler: (handler: (details: { url: string }) => unknown) => {
      this.webContents.opener = handler;
    },
  });

  constructor(options: object) {
    super();
    this.options = options;
  }

  readonly loadURL = async (url: string) => void this.loaded.push(url);
  readonly show = () => undefined;
  readonly focus = () => undefined;
  readonly isMinimized = () => false;
  readonly destroy = () => this.emit('closed');
}

/** What decides on a page's permissions. */
interface Permissions {
  request: ((contents: null, permission: string, answer: (granted: boolean) => void) => void) | null;
  check: ((contents: null, permission: string) => boolean) | null;
}

/** Electron without a screen: remembers what it was told, and plays what a user does. */
export class FakeElectron {
  readonly app = Object.assign(new EventEmitter(), {
    first: true,
    quits: 0,
    sandboxed: false,
    enableSandbox: () => void (this.app.sandboxed = true),
    requestSingleInstanceLock: () => this.app.first,
    whenReady: async () => undefined,
    quit: () => {
      this.app.quits += 1;
      this.app.emit('before-quit');
    },
  });
  readonly windows: FakeWindow[] = [];
  readonly opened: string[] = [];
  readonly errors: string[] = [];
  readonly calls = new Map<string, (event: IpcEvent, request: unknown) => unknown>();
  menu: Template = [];
  tooltip = '';
  icon = '';
  readonly permissions: Permissions = { request: null, check: null };
  respond: ((request: Request) => Response) | null = null;

  parts(): ElectronParts {
    const { windows } = this;
    const fake = {
      app: this.app,
      BrowserWindow: class extends FakeWindow {
        constructor(options: object) {
          super(options);
          windows.push(this);
        }
      },
      dialog: { showErrorBox: (_title: string, text: string) => this.errors.push(text) },
      ipcMain: { handle: (name: string, listener: never) => this.calls.set(name, listener) },
      Menu: { buildFromTemplate: (template: Template) => template },
      nativeImage: { createFromPath: (file: string) => file },
      protocol: {
        registerSchemesAsPrivileged: () => undefined,
        handle: (_scheme: string, respond: (request: Request) => Response) => (this.respond = respond),
      },
      session: {
        defaultSession: {
          setPermissionRequestHandler: (handler: Permissions['request']) => (this.permissions.request = handler),
          setPermissionCheckHandler: (handler: Permissions['check']) => (this.permissions.check = handler),
        },
      },
      shell: { openExternal: async (url: string) => void this.opened.push(url) },
      Tray: this.#trayClass(),
    };
    return fake as unknown as ElectronParts;
  }

  /** Chooses an item of the tray's menu by its words. */
  choose(label: string, template: Template = this.menu): boolean {
    return template.some((item) => {
      if (Array.isArray(item.submenu)) return this.choose(label, item.submenu);
      if (item.label !== label || !item.click) return false;
      (item.click as () => void)();
      return true;
    });
  }

  labels(): string[] {
    return this.menu.map(({ label, type }) => label ?? type ?? '');
  }

  #trayClass() {
    const setContextMenu = (menu: Template) => (this.menu = menu);
    const setToolTip = (text: string) => (this.tooltip = text);
    const setImage = (icon: string) => (this.icon = icon);
    return class extends EventEmitter {
      readonly setContextMenu = setContextMenu;
      readonly setToolTip = setToolTip;
      readonly setImage = setImage;
    };
  }
}

/** A page of the app, for whoever serves its calls. */
export class FakePage extends EventEmitter implements PageContents {
  readonly id: number;
  readonly listeners_: ((channel: string, message: unknown) => void)[] = [];
  destroyed = false;

  constructor(id: number) {
    super();
    this.id = id;
  }

  readonly send = (channel: string, message: unknown) => {
    for (const listener of this.listeners_) listener(channel, message);
  };

  readonly isDestroyed = () => this.destroyed;

  close(): void {
    this.destroyed = true;
    this.emit('destroyed');
  }
}
