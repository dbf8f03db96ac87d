import path from 'node:path';
import { execa } from 'execa';
import { nodePackage } from './node-package.ts';
import { type Architecture, hostArchitecture, type Versions } from './versions.ts';

const firstStart = path.join(import.meta.dirname, `first-start${path.extname(import.meta.filename)}`);
const timeoutMs = 60_000;

/**
 * Starts the agent in `folder` once, beside a containerd and in namespaces of its own, and puts what V8 compiled for that
 * beside it, for the guest to start from. Only possible for the CPU this runs on; without it the guest compiles itself.
 * No two starts give the same bytes.
 */
export async function keepCompiledForm(folder: string, architecture: Architecture, versions: Versions): Promise<void> {
  if (process.platform !== 'linux' || hostArchitecture !== architecture) return;
  const { binary } = await nodePackage(versions.nodePackages[architecture]);
  const isRoot = process.getuid?.() === 0;
  // All processes of the session end with its first.
  const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', ...(isRoot ? [] : ['-r'])];
  const { failed, stderr } = await execa('unshare', [...apart, binary, firstStart, folder], {
    reject: false,
    timeout: timeoutMs,
  });
  if (failed) console.error(`the agent could not be started here, so guests compile it: ${lastLine(stderr)}`);
}

const lastLine = (text: string) => text.trim().split('\n').at(-1);
