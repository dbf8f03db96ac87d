import { existsSync } from 'node:fs';
import path from 'node:path';
import { agentNodeFlags } from '@berth/guest-agent/api';
import type { Architecture } from '../vm/architecture.ts';

/** Where the parts that belong to this daemon are. */
export interface Installation {
  /** Runs the guest agent on this host; the path of its configuration is added. */
  agentCommand: readonly [string, ...string[]];
  /** Runs containerd on this host; its arguments are added. The machine's own, where none was built. */
  containerdCommand: readonly [string, ...string[]];
  /** The dashboard's built pages. */
  pagesDir: string;
  /** Folder of the VM image for a processor. */
  imageDir: (architecture: Architecture) => string;
}

/** The daemon only passes bytes on: more of them for each thing that it makes (1 GB: 0.6 instead of 1 s of CPU). */
export const daemonNodeFlags: readonly string[] = ['--max-semi-space-size=1', '--initial-old-space-size=128'];
/**
 * glibc gives buffers back instead of keeping them. Not by a mapping for each (MALLOC_MMAP_THRESHOLD_ below 128 KiB):
 * that doubles the time of a large copy.
 */
const agentEnvironment = ['MALLOC_ARENA_MAX=1', 'MALLOC_TRIM_THRESHOLD_=131072'];

const packages = path.resolve(import.meta.dirname, '../../..');
const runsFromSource = import.meta.filename.endsWith('.ts');

/** A daemon run from its sources runs the agent from its sources too, so that nobody tests a stale bundle. */
export function findInstallation(options: { imageDir: string | null; agentFile: string | null }): Installation {
  const bundle = path.join(packages, 'guest-agent/dist/agent.cjs');
  const source = path.join(packages, 'guest-agent/src/main.ts');
  const own = runsFromSource || !existsSync(bundle) ? ['--conditions=berth-source', source] : [bundle];
  const program = options.agentFile === null ? own : [options.agentFile];
  return {
    agentCommand: ['env', ...agentEnvironment, process.execPath, ...agentNodeFlags, ...program],
    pagesDir: path.join(packages, 'desktop/dist/pages'),
    containerdCommand: containerdCommand(path.join(packages, 'vm-images/out/programs')),
    imageDir: (architecture) => options.imageDir ?? path.join(packages, 'vm-images/out', architecture),
  };
}

/** The one that scripts/setup built, which finds its shim beside itself. */
function containerdCommand(programs: string): [string, ...string[]] {
  if (!existsSync(path.join(programs, 'containerd'))) return ['containerd'];
  return ['sh', '-c', 'PATH=$0:$PATH exec containerd "$@"', programs];
}
