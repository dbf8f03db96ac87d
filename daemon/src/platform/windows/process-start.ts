import { isPidInUse } from '../../process/pid-in-use.ts';
import { runPowerShell } from './program.ts';

/** What is printed when there is no such process: nothing at all would also be what a PowerShell that failed prints. */
const none = 'none';

export async function startOfProcess(pid: number): Promise<string | null> {
  // Mostly the whole answer.
  return isPidInUse(pid) ? parseStart(await runPowerShell(startScript(pid))) : null;
}

/** Prints the start as a FILETIME: 100 ns since 1601, a number in every language. */
export function startScript(pid: number): string {
  const found = `$p = Get-Process -Id ${pid} -ErrorAction SilentlyContinue`;
  return `${found}; if ($p -and -not $p.HasExited) { $p.StartTime.ToFileTimeUtc() } else { '${none}' }`;
}

/** Throws when it is neither: that a process has ended is never guessed. */
export function parseStart(printed: string): string | null {
  const text = printed.trim();
  if (text === none) return null;
  if (/^\d+$/.test(text)) return text;
  throw new Error(`PowerShell does not say when a process started: ${text.split(/\r?\n/)[0] || 'it said nothing'}`);
}
