import type { FolderAccess } from '../platform.ts';
import { quoted, runPowerShell, runProgram } from './program.ts';

/** The system itself, in which WSL works. */
const localSystem = 'S-1-5-18';

/**
 * What is made in a user's own folder is private already; elsewhere it would be as open as what is above it. Only a new
 * folder is changed: what the user has allowed since stays.
 */
export async function makePrivate(folder: string, { isNew }: { isNew: boolean }): Promise<void> {
  if (!isNew) return;
  const user = parseUser(await runProgram('whoami.exe', ['/user', '/fo', 'csv', '/nh']));
  await runProgram('icacls.exe', privateArguments(folder, user));
}

/** Nothing is inherited; the user and the system may do everything, in it and below. By number: names are translated. */
export function privateArguments(folder: string, user: string): string[] {
  const grants = [user, localSystem].flatMap((sid) => ['/grant:r', `*${sid}:(OI)(CI)F`]);
  return [folder, '/inheritance:r', ...grants, '/q'];
}

/** Out of `"desktop\me","S-1-5-21-…"`. */
export function parseUser(printed: string): string {
  const sid = /"(S-1-[\d-]+)"\s*$/.exec(printed)?.[1];
  if (sid === undefined) throw new Error(`whoami.exe does not say who the user is: ${printed.trim()}`);
  return sid;
}

export async function accessTo(folder: string): Promise<FolderAccess> {
  const { owned, others } = parseAccess(await runPowerShell(accessScript(folder)));
  if (others.length === 0) return { owned, openBy: null, fix: null };
  return {
    owned,
    openBy: `its access list allows ${others.join(', ')}`,
    fix: `icacls "${folder}" /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F" "*${localSystem}:(OI)(CI)F"`,
  };
}

export function accessScript(folder: string): string {
  const user = '[Security.Principal.WindowsIdentity]::GetCurrent().User.Value';
  return `${user}; (Get-Acl -LiteralPath ${quoted(folder)}).Sddl`;
}

/** Two lines: the user's number, and the folder's security descriptor in SDDL. `others`: who else is let in. */
export function parseAccess(printed: string): { owned: boolean; others: string[] } {
  const [user = '', descriptor = ''] = printed.trim().split(/\r?\n/);
  const owner = /^O:(S-1-[\d-]+|[A-Z]{2})/.exec(descriptor)?.[1];
  if (!user.startsWith('S-1-') || owner === undefined) {
    throw new Error(`PowerShell does not say who may use the folder: ${printed.trim().split(/\r?\n/)[0]}`);
  }
  const trusted = new Set([user, localSystem, ...trustedNames]);
  const allowed = [...descriptor.matchAll(/\(X?A;[^;]*;[^;]*;[^;]*;[^;]*;([^;)]+)/g)].map(([, sid]) => sid as string);
  const others = [...new Set(allowed)].filter((sid) => !trusted.has(sid));
  return { owned: owner === user || owner === 'BA', others };
}

/** SDDL's names of the system, the administrators, and whoever is the owner: nobody keeps files from these. */
const trustedNames = ['SY', 'BA', 'OW', 'CO'];
