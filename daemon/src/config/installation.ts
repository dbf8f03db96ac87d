import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where the parts that belong to this daemon are. */
export interface Installation {
  /** Runs the guest agent on this host; the path of its configuration is added. */
  agentCommand: readonly [string, ...string[]];
  imageDir: string;
}

/** A small young generation: the agent holds little for long, and this saves about a tenth of its idle memory. */
const agentNodeFlags = ['--max-semi-space-size=1'];

const packages = path.resolve(import.meta.dirname, '../../..');
const runsFromSource = import.meta.filename.endsWith('.ts');

/** A daemon run from its sources runs the agent from its sources too, so that nobody tests a stale bundle. */
export function findInstallation(options: { imageDir: string | null; agentFile: string | null }): Installation {
  const bundle = path.join(packages, 'guest-agent/dist/agent.mjs');
  const source = path.join(packages, 'guest-agent/src/main.ts');
  const own = runsFromSource || !existsSync(bundle) ? ['--conditions=berth-source', source] : [bundle];
  return {
    agentCommand: [process.execPath, ...agentNodeFlags, ...(options.agentFile === null ? own : [options.agentFile])],
    imageDir: options.imageDir ?? path.join(packages, 'vm-images/out', imageArchitecture()),
  };
}

/** Debian's names, which the image recipe uses. */
function imageArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
