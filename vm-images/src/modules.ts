import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { readList } from './unpack.ts';

/** Where a kernel's modules lie, and which module needs which. */
export interface ModuleTree {
  release: string;
  directory: string;
  /** Path → paths it needs, both relative to `directory`; the nearest first, as depmod writes them. */
  dependencies: ReadonlyMap<string, readonly string[]>;
}

/** Of the one kernel that was unpacked. */
export async function kernelRelease(donor: string): Promise<string> {
  const modules = path.join(donor, 'usr/lib/modules');
  const [release] = await readdir(modules);
  if (release === undefined) throw new Error(`no kernel modules below ${modules}`);
  return release;
}

export async function openModuleTree(donor: string): Promise<ModuleTree> {
  const release = await kernelRelease(donor);
  await execa('depmod', ['-b', path.join(donor, 'usr'), release]);
  const directory = path.join(donor, 'usr/lib/modules', release);
  return {
    release,
    directory,
    dependencies: parseDependencies(await readFile(path.join(directory, 'modules.dep'), 'utf8')),
  };
}

export function parseDependencies(text: string): Map<string, string[]> {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [module = '', needs = ''] = line.split(':');
      return [module, needs.split(' ').filter((need) => need !== '')];
    }),
  );
}

/**
 * Modules chosen by a list of names and `folder/` entries, with all they need, in an order in which they load.
 * Throws for an entry that matches nothing, as a module that moved or became built in should be noticed, unless it
 * begins with `?`.
 */
export function selectModules(
  dependencies: ReadonlyMap<string, readonly string[]>,
  wanted: readonly string[],
): string[] {
  const selected = new Set<string>();
  for (const line of wanted) {
    const entry = line.replace(/^\?/, '');
    const matches = [...dependencies.keys()].filter((module) => matchesEntry(module, entry)).sort();
    if (matches.length === 0 && entry === line) throw new Error(`no kernel module matches '${entry}'`);
    for (const module of matches) {
      for (const need of (dependencies.get(module) ?? []).toReversed()) selected.add(need);
      selected.add(module);
    }
  }
  return [...selected];
}

function matchesEntry(module: string, entry: string): boolean {
  if (entry.endsWith('/')) return module.startsWith(`kernel/${entry}`);
  return moduleName(module) === entry;
}

export function moduleName(module: string): string {
  return path.basename(module).replace(/\.ko(\.xz|\.zst)?$/, '');
}

/** Copies the modules of a list into a root file system, uncompressed (the disk itself is compressed), and indexes them. */
export async function installModules(tree: ModuleTree, listFile: string, root: string): Promise<void> {
  const target = path.join(root, 'usr/lib/modules', tree.release);
  for (const module of selectModules(tree.dependencies, await readList(listFile))) {
    const file = path.join(target, module.replace(/\.xz$/, ''));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await readModule(tree, module));
  }
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await cp(path.join(tree.directory, name), path.join(target, name));
  }
  await execa('depmod', ['-b', path.join(root, 'usr'), tree.release]);
}

/** A module's bytes, decompressed. */
export async function readModule(tree: ModuleTree, module: string): Promise<Uint8Array> {
  const file = path.join(tree.directory, module);
  if (!module.endsWith('.xz')) return readFile(file);
  return (await execa('xz', ['-dc', file], { encoding: 'buffer', maxBuffer: 64 << 20 })).stdout;
}
