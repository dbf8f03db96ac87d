/** Bundles the agent into one ESM file, so that the guest needs no node_modules: `node bundle.ts`. */
import path from 'node:path';
import { build } from 'esbuild';

// Bundled CommonJS packages call require() for Node's built-ins, which an ES module does not have.
const requireForCommonJs = `import { createRequire as berthCreateRequire } from 'node:module';
const require = berthCreateRequire(import.meta.url);`;

await build({
  entryPoints: [path.join(import.meta.dirname, 'src/main.ts')],
  outfile: path.join(import.meta.dirname, 'dist/agent.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: requireForCommonJs },
});
