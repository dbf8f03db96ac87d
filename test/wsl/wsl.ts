/**
 * Stands in for Windows' wsl.exe on a Linux host: truly imports, runs and ends distributions, and prints what the real
 * one prints, in its encoding. What it keeps is in the folder that WSL_STAND_IN names; WSL_STAND_IN_LANGUAGE=de has it
 * speak German, WSL_STAND_IN_FAIL=<command>:<code> has a command fail with WSL's error code, WSL_STAND_IN_VERSION is the
 * version it tells (`none`: it is one from before they could).
 */
import { parseArgs } from 'node:util';
import { Distributions, WslFailure } from './distributions.ts';
import { messages, type MessageName } from './messages.ts';

const state = process.env['WSL_STAND_IN'];
if (state === undefined) throw new Error('WSL_STAND_IN names no folder');
const distributions = new Distributions(state);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  args: process.argv.slice(2, execAt(process.argv)),
  options: {
    version: { type: process.argv.includes('--import') ? 'string' : 'boolean' },
    list: { type: 'boolean' },
    quiet: { type: 'boolean' },
    import: { type: 'string' },
    'import-in-place': { type: 'string' },
    terminate: { type: 'string' },
    unregister: { type: 'string' },
    distribution: { type: 'string' },
    user: { type: 'string' },
    cd: { type: 'string' },
  },
});

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof WslFailure)) throw error;
  say(error.message_, error.code);
  process.exitCode = 255;
}

async function run(): Promise<number> {
  failOnDemand();
  const [first = '', second = ''] = positionals as string[];
  if (values['version'] === true) return version();
  if (values['list'] === true) return list();
  if (values['import'] !== undefined) return done(distributions.import(String(values['import']), first, second));
  if (values['import-in-place'] !== undefined)
    return done(distributions.adopt(String(values['import-in-place']), first));
  if (values['terminate'] !== undefined) return done(distributions.terminate(String(values['terminate'])));
  if (values['unregister'] !== undefined) return done(distributions.unregister(String(values['unregister'])));
  const command = process.argv.slice(execAt(process.argv) + 1);
  return distributions.execute(String(values['distribution']), command);
}

/** Everything after --exec is the program's. */
function execAt(argv: readonly string[]): number {
  const at = argv.indexOf('--exec');
  return at === -1 ? argv.length : at;
}

async function done(work: Promise<void>): Promise<number> {
  await work;
  say('done', null);
  return 0;
}

function version(): number {
  const told = process.env['WSL_STAND_IN_VERSION'] ?? '2.6.1.0';
  if (told !== 'none') return print(`WSL version: ${told}\nKernel version: 6.6.87.2-1\nWSLg version: 1.0.66\n`);
  print('Invalid command line option: --version\nUsage: wsl.exe [Argument] [Options...] [CommandLine]\n');
  return 255;
}

async function list(): Promise<number> {
  const names = await distributions.names();
  if (names.length === 0) throw new WslFailure('none', 'Wsl/WSL_E_DEFAULT_DISTRO_NOT_FOUND');
  return print(names.map((name) => `${name}\n`).join(''));
}

function failOnDemand(): void {
  const [command, code = ''] = (process.env['WSL_STAND_IN_FAIL'] ?? '').split(':');
  if (command && process.argv.includes(command)) throw new WslFailure('failed', `Wsl/Service/${code}`);
}

function say(message: MessageName, code: string | null): void {
  const german = process.env['WSL_STAND_IN_LANGUAGE'] === 'de';
  const [english, inGerman] = messages[message];
  const label = german ? 'Fehlercode' : 'Error code';
  print(`${german ? inGerman : english}\n${code === null ? '' : `${label}: ${code}\n`}`);
}

/** As Windows does it: UTF-16 without a mark, lines ending in CR LF. */
function print(text: string): number {
  process.stdout.write(Buffer.from(text.replaceAll('\n', '\r\n'), 'utf16le'));
  return 0;
}
