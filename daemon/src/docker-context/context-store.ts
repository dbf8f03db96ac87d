import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** The name of the docker context that is berth's. */
export const contextName = 'berth';
/** The stock CLI's name for "no context". */
export const noContext = 'default';

/** What the stock CLI keeps of one context. */
export interface ContextFiles {
  /** Endpoint and description. */
  metaDir: string;
  meta: string;
  /** Certificates; berth's context has none. */
  tlsDir: string;
}

/** A context's meta.json: what the stock CLI does not know in `Metadata` it leaves as it is. */
export interface ContextMeta {
  Name: string;
  Metadata: { Description?: string; BerthHome?: string };
  Endpoints: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

/** Whose a context is. `host`: what it would make docker talk to, null when it says nothing. */
export type FoundContext =
  | { kind: 'absent' }
  | { kind: 'own'; host: string | null; meta: ContextMeta }
  | { kind: 'foreign'; host: string | null };

/** The stock CLI's folder; `dockerConfig` is DOCKER_CONFIG, null when it is not set. */
export function dockerConfigDir(dockerConfig: string | null): string {
  return path.resolve(dockerConfig ?? path.join(homedir(), '.docker'));
}

export function contextFiles(configDir: string, name: string): ContextFiles {
  const id = createHash('sha256').update(name).digest('hex');
  const metaDir = path.join(configDir, 'contexts/meta', id);
  return { metaDir, meta: path.join(metaDir, 'meta.json'), tlsDir: path.join(configDir, 'contexts/tls', id) };
}

/** Rejects with the errno when the file is there and cannot be read. One that is no JSON is somebody else's. */
export async function findContext(configDir: string, name: string): Promise<FoundContext> {
  const text = await readFile(contextFiles(configDir, name).meta, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return { kind: 'absent' };
  const meta = parse(text);
  const host = meta?.Endpoints?.docker?.Host ?? null;
  if (typeof meta?.Metadata?.BerthHome !== 'string') return { kind: 'foreign', host };
  return { kind: 'own', host, meta };
}

function parse(text: string): ContextMeta | null {
  try {
    return JSON.parse(text) as ContextMeta | null;
  } catch {
    return null;
  }
}
