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
  const wanted = metaOf(target);
  if (found.kind === 'own' && JSON.stringify(found.meta) === JSON.stringify(wanted)) return 'unchanged';
  const { metaDir, meta } = contextFiles(configDir, contextName);
  await mkdir(metaDir, { recursive: true });
  await writeFileAtomically(meta, JSON.stringify(wanted));
  return found.kind === 'own' ? 'updated' : 'made';
}

/** Keys in the stock CLI's order. */
function metaOf({ home, dockerHost }: ContextTarget): ContextMeta {
  return {
    Name: contextName,
    Metadata: { BerthHome: home, Description: "berth's engine (made by berth up)" },
    Endpoints: { docker: { Host: dockerHost, SkipTLSVerify: false } },
  };
}
