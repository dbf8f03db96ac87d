/* Electron for the bundled app, as far as its start goes: prints what it is told, a JSON document a line. */
const { EventEmitter } = require('node:events');
const { existsSync } = require('node:fs');
const Module = require('node:module');

const tell = (what, value) => process.stdout.write(`${JSON.stringify([what, value])}\n`);
const nothing = () => undefined;

class Tray extends EventEmitter {
  constructor(icon) {
    super();
    tell('icon', existsSync(icon));
  }
  setToolTip = nothing;
  setImage = nothing;
  setContextMenu = (menu) => {
    tell('menu', menu);
    process.exit();
  };
}

const electron = {
  app: Object.assign(new EventEmitter(), {
    requestSingleInstanceLock: () => true,
    enableSandbox: nothing,
    whenReady: async () => undefined,
  }),
  BrowserWindow: class {},
  dialog: {},
  ipcMain: { handle: (name) => tell('handle', name) },
  Menu: { buildFromTemplate: (template) => template.map(({ label, type }) => label ?? type) },
  nativeImage: { createFromPath: (file) => file },
  protocol: {
    registerSchemesAsPrivileged: nothing,
    handle: (_scheme, respond) => tell('page', respond(new Request('berth://app/')).status),
  },
  session: { defaultSession: { setPermissionRequestHandler: nothing, setPermissionCheckHandler: nothing } },
  shell: {},
  Tray,
};

const load = Module._load;
Module._load = (name, ...rest) => (name === 'electron' ? electron : load.call(Module, name, ...rest));
