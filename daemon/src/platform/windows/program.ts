import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 30_000;

/** Runs a program of Windows without a window; what it printed. Rejects with one line when it cannot be run or fails. */
export async function runProgram(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, args, { windowsHide: true, timeout: timeoutMs })).stdout;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is none on PATH' : (message.trim().split(/\r?\n/).at(-1) ?? message);
    throw new Error(`${program} does not run: ${why}`, { cause });
  }
}

/**
 * Runs a line of Windows PowerShell, which every Windows has. What it prints has to be the same in every language:
 * numbers and identifiers.
 */
export function runPowerShell(script: string): Promise<string> {
  return runProgram('powershell.exe', ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script]);
}

/** A text as PowerShell takes it literally. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
