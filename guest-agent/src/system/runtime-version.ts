import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ToolVersion {
  version: string;
  commit: string;
}

const unknown: ToolVersion = { version: '', commit: '' };

/** Of what starts containers and what is their pid 1. */
export async function toolVersions(runc: string, init: string | null): Promise<Record<'runc' | 'init', ToolVersion>> {
  const versions = await Promise.all([runcVersion(runc), initVersion(init)]);
  return { runc: versions[0], init: versions[1] };
}

/** `runc --version`: "runc version X", "commit: Y". Unknown where the program is missing. */
export async function runcVersion(binary: string): Promise<ToolVersion> {
  const { stdout } = await run(binary, ['--version']).catch(() => ({ stdout: '' }));
  const version = /version (\S+)/.exec(stdout)?.[1];
  return version ? { version, commit: /commit: (\S+)/.exec(stdout)?.[1] ?? '' } : unknown;
}

/** `tini --version`: "tini version X - git.Y". */
export async function initVersion(binary: string | null): Promise<ToolVersion> {
  if (binary === null) return unknown;
  const { stdout } = await run(binary, ['--version']).catch(() => ({ stdout: '' }));
  const match = /version (\S+?)(?: - git\.(\S+))?$/m.exec(stdout.trim());
  return match?.[1] ? { version: match[1], commit: match[2] ?? '' } : unknown;
}
