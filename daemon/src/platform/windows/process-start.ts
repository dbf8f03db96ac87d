import { runPowerShell } from './program.ts';

/** What is printed when there is no such process: nothing at all would also be what a PowerShell that failed prints. */
const none = 'none';

export async function startOfProcess(pid: number): Promise<string | null> {
  return isInUse(pid) ? parseStart(await runPowerShell(startScript(pid))) : null;
}

/** Costs nothing, and mostly is the whole answer. */
function isInUse(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Others' processes are there, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
