import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

/**
 * Starts the agent in a machine that is its own: `start.cjs CONFIG.json [KEPT]`. Half of what a start costs there is
 * compiling, so what V8 made of the bundle in an earlier start lies beside it, functions that ran then included (Node's
 * own cache has only what it compiles before anything runs). KEPT: where that goes when this start's agent ends; the
 * image's recipe asks for it.
 */
const bundle = path.join(__dirname, 'agent.cjs');
const kept = path.join(__dirname, 'agent.compiled');
const keepAt = process.argv[3];

// esbuild writes ASCII only, which V8 takes as it is.
const source = `(function (require, module, exports, __dirname) {${readFileSync(bundle, 'latin1')}\n})`;
const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
const script = new Script(source, { filename: bundle, ...(cachedData && { cachedData }) });
if (script.cachedDataRejected) console.error('agent.compiled is of another bundle, Node.js or flags: compiling anew');
if (keepAt !== undefined) process.once('exit', () => writeFileSync(keepAt, script.createCachedData()));

const start = script.runInThisContext() as (...of: unknown[]) => void;
const module = { exports: {} };
start(createRequire(bundle), module, module.exports, __dirname);
