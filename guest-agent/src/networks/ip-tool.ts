import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ScriptShells } from './script-shells.ts';

/** A busybox shell runs its own applets whatever PATH says; a function comes before them. */
export const useRealTools: string = ['ip', 'unshare', 'nsenter', 'nft', 'umount', 'mount'].map(realTool).join('');

function realTool(name: string): string {
  const found = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']
    .map((dir) => `${dir}/${name}`)
    .find((file) => existsSync(file));
  return found === undefined ? '' : `${name}() { ${found} "$@"; }\n`;
}

const shells = new ScriptShells(availableParallelism(), useRealTools);

/** Runs a shell script up to its first command that fails. */
export function runScript(script: string): Promise<void> {
  return shells.run(script);
}

/** Applies an nftables script in one transaction: all of it or nothing. */
export function applyRules(script: string): Promise<void> {
  return shells.run(`nft -f - <<'RULES'\n${script}\nRULES`);
}
