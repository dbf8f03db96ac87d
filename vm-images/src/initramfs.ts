import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CpioEntry, directoryMode, fileMode, linkMode, programMode, writeCpio } from './cpio.ts';
import { recipeDir } from './layout.ts';
import { type ModuleTree, moduleName, readModule, selectModules } from './modules.ts';
import { readList } from './unpack.ts';

const directories = ['bin', 'dev', 'lower', 'modules', 'proc', 'root', 'sys', 'upper'];
const applets = ['cat', 'insmod', 'mkdir', 'mount', 'poweroff', 'sh', 'switch_root'];

/** The first root: busybox, our init and the few modules that reaching the real root takes. */
export async function makeInitramfs(donor: string, tree: ModuleTree): Promise<Buffer> {
  const wanted = await readList(path.join(recipeDir, 'initramfs/modules.txt'));
  const modules = selectModules(tree.dependencies, wanted);
  const names = modules.map((module) => `${moduleName(module)}.ko`);
  return writeCpio([
    ...directories.map((name) => entry(name, directoryMode, '')),
    entry('init', programMode, await readFile(path.join(recipeDir, 'initramfs/init'))),
    entry('bin/busybox', programMode, await readFile(path.join(donor, 'usr/bin/busybox'))),
    ...applets.map((applet) => entry(`bin/${applet}`, linkMode, 'busybox')),
    entry('modules.list', fileMode, `${names.join('\n')}\n`),
    ...(await Promise.all(
      modules.map(async (module, index) => entry(`modules/${names[index]}`, fileMode, await readModule(tree, module))),
    )),
  ]);
}

function entry(name: string, mode: number, content: Uint8Array | string): CpioEntry {
  return { name, mode, content: typeof content === 'string' ? Buffer.from(content) : content };
}
