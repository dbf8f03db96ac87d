import { quoted } from '../platform/windows/program.ts';
import { shellQuote } from './shell-quote.ts';

export interface ShellQuestion {
  platform: string;
  /** SHELL, which only shells of Unix set, on Windows too; null: unset. */
  shell: string | null;
}

/** The line that sets a variable in the shell that berth was called from. */
export function exportLine(name: string, value: string, { platform, shell }: ShellQuestion): string {
  if (platform !== 'win32' || shell !== null) return `export ${name}=${shellQuote(value)}`;
  return `$Env:${name} = ${quoted(value)}`;
}
