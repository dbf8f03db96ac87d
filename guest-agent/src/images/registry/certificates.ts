import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext, getCACertificates, rootCertificates, type SecureContext } from 'node:tls';
import { SystemError } from '../../api/errors.ts';

export interface CertificateFiles {
  /** Certificate authorities besides the machine's. */
  authorities: string[];
  /** Our own, to be shown to the registry. */
  client: { certificate: string; key: string } | null;
}

const none: CertificateFiles = { authorities: [], client: null };

/** What a host's folders under certs.d hold: `*.crt` are authorities, `NAME.cert` with `NAME.key` is shown to it. */
export async function readCertificates(dirs: readonly string[], host: string): Promise<CertificateFiles> {
  const found = await Promise.all(dirs.map((dir) => readHostDir(path.join(dir, host))));
  return {
    authorities: found.flatMap(({ authorities }) => authorities),
    client: found.find(({ client }) => client !== null)?.client ?? null,
  };
}

async function readHostDir(dir: string): Promise<CertificateFiles> {
  const names = await filesIn(dir);
  if (names.length === 0) return none;
  const read = async (name: string) => await readFile(path.join(dir, name), 'utf8');
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read));
  const certificate = names.find((name) => name.endsWith('.cert'));
  if (certificate === undefined) return { authorities, client: null };
  const key = certificate.replace(/\.cert$/, '.key');
  if (!names.includes(key)) {
    throw new SystemError(
      `missing key ${key} for client certificate ${certificate}. CA certificates must use the extension .crt`,
    );
  }
  return { authorities, client: { certificate: await read(certificate), key: await read(key) } };
}

async function filesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
    throw error;
  }
}

/** Made once for each set of certificates: a context holds every authority that the machine trusts. */
export function secureContext({ authorities, client }: CertificateFiles): SecureContext {
  const ca = [...new Set([...machineAuthorities(), ...authorities])];
  return createSecureContext({ ca, ...(client && { cert: client.certificate, key: client.key }) });
}

/** Those of the machine's own store; Node's where it has none. */
function machineAuthorities(): readonly string[] {
  const system = getCACertificates('system');
  return system.length > 0 ? [...system, ...getCACertificates('extra')] : rootCertificates;
}
