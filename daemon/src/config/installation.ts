import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Architecture } from '../vm/architecture.ts';

/** Where the parts that belong to this daemon are. */
export interface Installation {
  /** Runs the guest agent on this host; the path of its configuration is added. */
  agentCommand: readonly [string, ...string[]];
  /** The dashboard's built pages. */
  pagesDir: string;
  /** Folder of the VM image for a processor. */
  imageDir: (architecture: Architecture) => string;
}

/**
 * The agent holds little for long: a small young generation saves about a tenth of its idle memory, and a bound for the
 * old one, far beyond what it needs, makes V8 collect before it asks for more (124 instead of 191 MB with 500 images).
 */
const agentNodeFlags = ['--max-semi-space-size=1', '--max-old-space-size=512'];
/**
 * glibc gives buffers back instead of keeping them. Not by a mapping for each (MALLOC_MMAP_THRESHOLD_ below 128 KiB):
 * that doubles the time of a large copy.
 */
const agentEnvironment = ['MALLOC_ARENA_MAX=1', 'MALLOC_TRIM_THRESHOLD_=131072'];

const packages = path.resolve(import.meta.dirname, '../../..');
const runsFromSource = import.meta.filename.endsWith('.ts');

/** A daemon run from its sources runs the agent from its sources too, so that nobody tests a stale bundle. */
export function findInstallation(options: { imageDir: string | null; agentFile: string | null }): Installation {
  const bundle = path.join(packages, 'guest-agent/dist/agent.mjs');
  const source = path.join(packages, 'guest-agent/src/main.ts');
  const own = runsFromSource || !existsSync(bundle) ? ['--conditions=berth-source', source] : [bundle];
  const program = options.agentFile === null ? own : [options.agentFile];
  return {
    agentCommand: ['env', ...agentEnvironment, process.execPath, ...agentNodeFlags, ...program],
    pagesDir: path.join(packages, 'desktop/dist/pages'),
    imageDir: (architecture) => options.imageDir ?? path.join(packages, 'vm-images/out', architecture),
  };
}
