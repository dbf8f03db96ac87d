import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SystemError } from '../api/index.ts';

/** A busybox shell runs its own applets whatever PATH says; a function comes before them. */
export const useRealTools: string = ['ip', 'unshare', 'nsenter', 'nft', 'umount', 'mount'].map(realTool).join('');

function realTool(name: string): string {
  const found = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']
    .map((dir) => `${dir}/${name}`)
    .find((file) => existsSync(file));
  return found === undefined ? '' : `${name}() { ${found} "$@"; }\n`;
}

/** Runs a shell script given on stdin; the shell does several short-lived programs in one start from Node. */
export function runScript(script: string): Promise<string> {
  return feed('sh', ['-e'], useRealTools + script);
}

/** Applies an nftables script in one transaction: all of it or nothing. */
export async function applyRules(script: string): Promise<void> {
  await feed('nft', ['-f', '-'], script);
}

function feed(file: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', (error) => reject(new SystemError(`${file}: ${error.message}`, { cause: error })));
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new SystemError(`${file} failed (exit ${code}): ${stderr.trim()}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
