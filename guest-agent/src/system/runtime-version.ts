import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ToolVersion {
  version: string;
  commit: string;
}

const unknown: ToolVersion = { version: '', commit: '' };

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
