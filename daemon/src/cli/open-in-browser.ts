import { execa } from 'execa';

/** What opens a link on this system, as program and arguments. */
export function browserCommand(platform: NodeJS.Platform, url: string): [string, string[]] {
  if (platform === 'darwin') return ['open', [url]];
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

const openTimeoutMs = 10_000;

/** True when the system's opener took the link. */
export async function openInBrowser(url: string): Promise<boolean> {
  const [program, args] = browserCommand(process.platform, url);
  const { failed, timedOut } = await execa(program, args, { reject: false, stdio: 'ignore', timeout: openTimeoutMs });
  return !failed || timedOut;
}
