import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RegistryLogin } from './build-request.ts';

/** Writes the docker CLI's config.json, where buildctl looks for credentials. */
export async function writeLogins(folder: string, logins: Readonly<Record<string, RegistryLogin>>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const auths = Object.fromEntries(Object.entries(logins).map(([registry, login]) => [registry, entry(login)]));
  await writeFile(path.join(folder, 'config.json'), JSON.stringify({ auths }), { mode: 0o600 });
}

function entry({ username, password, auth, identitytoken, registrytoken }: RegistryLogin): object {
  const pair = username ? Buffer.from(`${username}:${password ?? ''}`).toString('base64') : auth;
  return {
    ...(pair && { auth: pair }),
    ...(identitytoken && { identitytoken }),
    ...(registrytoken && { registrytoken }),
  };
}
