import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** A virtiofsd that answered; the one written in C came with QEMU before 8. */
export interface VirtiofsProgram {
  file: string;
  isInC: boolean;
}

/** Distributions put it beside the programs that nobody calls by hand. */
const usualPlaces = [
  'virtiofsd',
  '/usr/libexec/virtiofsd',
  '/usr/lib/virtiofsd',
  '/usr/lib/qemu/virtiofsd',
  '/usr/local/libexec/virtiofsd',
];
const answerTimeoutMs = 5_000;
const run = promisify(execFile);

/** The first that runs here, or one line that says what is missing. */
export async function findVirtiofsd(places = usualPlaces): Promise<VirtiofsProgram | { problem: string }> {
  for (const file of places) {
    const program = await tried(file);
    // The one in C has to be root to lock itself in.
    if (program && (!program.isInC || process.getuid?.() === 0)) return program;
  }
  const there = places.filter((file) => existsSync(file));
  const why = there.length > 0 ? `${there.join(', ')} cannot be used` : 'it is not installed';
  return { problem: `folders of the host cannot be shown by virtiofs: there is no virtiofsd (${why})` };
}

async function tried(file: string): Promise<VirtiofsProgram | null> {
  try {
    const { stdout, stderr } = await run(file, ['--version'], { timeout: answerTimeoutMs, killSignal: 'SIGKILL' });
    const said = stdout || stderr;
    // "virtiofsd version 7.2.22 (…)" or "virtiofsd 1.13.2"
    return said.startsWith('virtiofsd') ? { file, isInC: said.startsWith('virtiofsd version') } : null;
  } catch {
    return null;
  }
}
