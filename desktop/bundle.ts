/** Bundles the pages (dist/pages) and the Electron app (dist/app): `node bundle.ts`. */
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const source = (...parts: string[]) => path.join(import.meta.dirname, 'src', ...parts);
const target = (...parts: string[]) => path.join(import.meta.dirname, 'dist', ...parts);
const common = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning' } as const;

await rm(target('pages'), { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: [source('renderer/dashboard.tsx'), source('renderer/style/dashboard.css')],
    entryNames: '[name]',
    outdir: target('pages'),
    platform: 'browser',
    format: 'esm',
    splitting: true,
    target: ['chrome120', 'firefox120', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    conditions: ['berth-source', 'browser'],
  }),
  cp(source('renderer/index.html'), target('pages/index.html')),
  cp(source('main/tray'), target('app/tray'), { recursive: true }),
  // Electron loads a sandboxed preload as CommonJS only.
  ...['main', 'preload'].map((entry) =>
    build({
      ...common,
      entryPoints: [source(entry, 'index.ts')],
      outfile: target('app', `${entry}.cjs`),
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      conditions: ['berth-source'],
      external: ['electron'],
    }),
  ),
]);
