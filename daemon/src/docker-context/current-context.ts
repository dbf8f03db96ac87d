import { chmod, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { ConfigError } from '../config/config-error.ts';

/** What `docker context use` chose; null: nothing, which is the stock CLI's `default`. */
export async function readCurrentContext(configDir: string): Promise<string | null> {
  const { currentContext } = await readConfig(configFile(configDir));
  return typeof currentContext === 'string' && currentContext !== '' ? currentContext : null;
}

/** Chooses a context as `docker context use` does, and keeps everything else in the file. */
export async function writeCurrentContext(configDir: string, name: string | null): Promise<void> {
  await mkdir(configDir, { recursive: true, mode: 0o700 });
  // People keep this file in a repository of their own and link to it.
  const file = await realpath(configFile(configDir)).catch(() => configFile(configDir));
  const { currentContext: _, ...rest } = await readConfig(file);
  const mode = await modeOf(file);
  const config = name === null ? rest : { ...rest, currentContext: name };
  await writeFileAtomically(file, JSON.stringify(config, null, '\t'));
  await chmod(file, mode);
}

function configFile(configDir: string): string {
  return path.join(configDir, 'config.json');
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new ConfigError(`${file}: cannot be read (${error.code})`, { cause: error });
  });
  const config = parse(file, text.trim() === '' ? '{}' : text);
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return { ...config };
  throw new ConfigError(`${file}: expected an object`);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`${file}: not valid JSON (${(cause as Error).message})`, { cause });
  }
}

/** The stock CLI makes it for its owner only. */
function modeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ mode }) => mode & 0o777,
    () => 0o600,
  );
}
