import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { execa } from 'execa';
import { outDir, repositoryDir } from './layout.ts';
import { openWorkFolder } from './work-folder.ts';

/** A folder with a Node.js of a certain version: `bin/node` and package.json. */
export interface NodePackage {
  version: string;
  binary: string;
}

interface LockedPackage {
  version: string;
  /** `sha512-…` in base64. */
  integrity: string;
}

/**
 * The npm package with Node.js for a guest: the installed one, or where npm leaves it out because it is for another
 * processor, one fetched by npm and checked against package-lock.json.
 */
export async function nodePackage(name: string): Promise<NodePackage> {
  const folder = installedFolder(name) ?? (await fetchedFolder(name));
  const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  return { version, binary: path.join(folder, 'bin/node') };
}

function installedFolder(name: string): string | null {
  try {
    return path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

async function fetchedFolder(name: string): Promise<string> {
  const { version, integrity } = await lockedPackage(name);
  const folder = path.join(outDir, 'node', `${name}-${version}`);
  if (await exists(path.join(folder, 'bin/node'))) return folder;
  await using work = await openWorkFolder();
  await execa('npm', ['pack', '--silent', `--pack-destination=${work.path}`, `${name}@${version}`], { cwd: work.path });
  const archive = path.join(work.path, `${name}-${version}.tgz`);
  checkIntegrity(await readFile(archive), { name, integrity });
  await execa('tar', ['-xzf', archive, '-C', work.path, 'package/bin/node', 'package/package.json', 'package/LICENSE']);
  await mkdir(path.dirname(folder), { recursive: true });
  await rename(path.join(work.path, 'package'), folder);
  return folder;
}

async function lockedPackage(name: string): Promise<LockedPackage> {
  const file = path.join(repositoryDir, 'package-lock.json');
  const lock = JSON.parse(await readFile(file, 'utf8')) as { packages: Record<string, LockedPackage> };
  const locked = lock.packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`${file} does not know ${name}`);
  return locked;
}

/** Throws if the archive is not the one that package-lock.json names. */
export function checkIntegrity(archive: Uint8Array, { name, integrity }: { name: string; integrity: string }): void {
  const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${name}: the archive's digest is ${found}, not ${integrity} as in package-lock.json`);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
