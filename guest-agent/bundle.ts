/** Bundles the agent into one file, so that the guest needs no node_modules, and what starts it there: `node bundle.ts`. */
import path from 'node:path';
import { build } from 'esbuild';

const at = (file: string) => path.join(import.meta.dirname, file);

await build({
  entryPoints: { agent: at('src/main.ts'), start: at('src/start.ts') },
  outdir: at('dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  // Not ESM: only scripts can be compiled again from a form that holds the functions that ran.
  format: 'cjs',
  target: 'node26',
  define: { 'import.meta.dirname': '__dirname' },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
});
