import path from 'node:path';
import * as electron from 'electron';
import { controlSocketIn } from '@berth/daemon/api';
import { startApp } from './app.ts';
import { berthUp, daemonLink } from './daemon-link.ts';
import { readEnvironment } from './environment.ts';
import { trayIconNames, type TrayIconName } from './tray-menu.ts';

const { home } = readEnvironment();
/** macOS draws an image of such a name in the colour of its menu bar. */
const ending = process.platform === 'darwin' ? 'Template.png' : '.png';
const here = (...parts: string[]) => path.join(__dirname, ...parts);

void startApp({
  electron,
  link: daemonLink({ socketPath: controlSocketIn(home), bringUp: berthUp(home) }),
  files: {
    pagesDir: here('../pages'),
    preload: here('preload.cjs'),
    trayIcons: Object.fromEntries(trayIconNames.map((name) => [name, here('tray', `${name}${ending}`)])) as Record<
      TrayIconName,
      string
    >,
  },
});
