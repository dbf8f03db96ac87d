/**
 * Draws the tray's icons anew, into desktop/src/main/tray: `node --conditions=berth-source test/desktop/tray-icons.ts`.
 * Needs Chromium. macOS takes the black ones (Template), of which it sees the shape only, everybody else the coloured.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from '../helpers/browser.ts';

interface Look {
  colour: string;
  /** Of the ship. */
  opacity: number;
  /** Only its outline. */
  hollow: boolean;
  badge: string | null;
}

const looks: Readonly<Record<string, Look>> = {
  off: { colour: '#8b8b93', opacity: 1, hollow: true, badge: null },
  busy: { colour: '#d08a1d', opacity: 0.75, hollow: false, badge: null },
  on: { colour: '#3b82e6', opacity: 1, hollow: false, badge: null },
  attention: { colour: '#3b82e6', opacity: 1, hollow: false, badge: '#d9342b' },
};
/** Hull, cabin and mast, on a grid of 16. */
const ship = 'M1.6 9.2h12.8l-1.7 3.9c-.2.5-.6.8-1.1.8H4.4c-.5 0-.9-.3-1.1-.8zM4 9.2V5.9h8v3.3M8 5.9V2.4';
const folder = path.resolve(import.meta.dirname, '../../desktop/src/main/tray');

function drawing({ colour, opacity, hollow, badge }: Look): string {
  const hole = badge
    ? '<mask id="m"><path fill="#fff" d="M0 0h16v16H0z"/><circle cx="12.2" cy="11.8" r="4.6"/></mask>'
    : '';
  const mark = badge
    ? `<circle cx="12.2" cy="11.8" r="3.6" fill="${badge}"/><path d="M12.2 9.8v2.3M12.2 13.5v.1" stroke="#fff" stroke-width="1.2" stroke-linecap="round"/>`
    : '';
  const fill = hollow ? 'none' : colour;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${hole}<path d="${ship}" ${badge ? 'mask="url(#m)"' : ''} fill="${fill}" stroke="${colour}" stroke-width="1.2" stroke-linejoin="round" stroke-linecap="round" opacity="${opacity}"/>${mark}</svg>`;
}

await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
for (const [name, look] of Object.entries(looks)) {
  const black = { ...look, colour: '#000', badge: look.badge && '#000', opacity: name === 'busy' ? 0.55 : 1 };
  for (const [ending, each] of [
    ['', look],
    ['Template', black],
  ] as const) {
    for (const [scale, suffix] of [
      [1, ''],
      [2, '@2x'],
    ] as const) {
      const page = await browser.newPage({ viewport: { width: 16, height: 16 }, deviceScaleFactor: scale });
      await page.setContent(`<style>*{margin:0}svg{display:block;width:16px;height:16px}</style>${drawing(each)}`);
      await page.screenshot({ path: path.join(folder, `${name}${ending}${suffix}.png`), omitBackground: true });
      await page.close();
    }
  }
}
await browser.close();
