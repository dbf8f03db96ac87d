import { mkdir } from 'node:fs/promises';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { contextFiles, contextName, type ContextMeta, findContext } from './context-store.ts';

export interface ContextTarget {
  /** Marks the context as berth's. */
  home: string;
  dockerHost: string;
}

/** `foreign`: somebody else's context has the name and was left alone. */
export type EnsuredContext = 'made' | 'updated' | 'unchanged' | 'foreign';

/** Makes berth's docker context, or points it at `target` when it is there and is berth's. */
export async function ensureContext(configDir: string, target: ContextTarget): Promise<EnsuredContext> {
  const found = await findContext(configDir, contextName);
  if (found.kind === 'foreign') return 'foreign';
  const own = found.kind === 'own' ? found.meta : null;
  const wanted = metaOf(target, own?.Metadata.Description);
  if (JSON.stringify(own) === JSON.stringify(wanted)) return 'unchanged';
  const { metaDir, meta } = contextFiles(configDir, contextName);
  await mkdir(metaDir, { recursive: true });
  await writeFileAtomically(meta, JSON.stringify(wanted));
  return own ? 'updated' : 'made';
}

/** Keys in the stock CLI's order. A description that the user has given it stays. */
function metaOf({ home, dockerHost }: ContextTarget, description = "berth's engine (made by berth up)"): ContextMeta {
  return {
    Name: contextName,
    Metadata: { BerthHome: home, Description: description },
    Endpoints: { docker: { Host: dockerHost, SkipTLSVerify: false } },
  };
}
