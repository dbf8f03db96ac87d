import { rm } from 'node:fs/promises';
import { contextFiles, contextName, findContext } from './context-store.ts';
import { readCurrentContext, writeCurrentContext } from './current-context.ts';

/**
 * Removes berth's docker context; one that was in use is let go first, so that docker never looks for what is gone.
 * `absent`, `foreign`: nothing was changed.
 */
export async function removeContext(configDir: string): Promise<'removed' | 'absent' | 'foreign'> {
  const { kind } = await findContext(configDir, contextName);
  if (kind !== 'own') return kind;
  if ((await readCurrentContext(configDir)) === contextName) await writeCurrentContext(configDir, null);
  const { metaDir, tlsDir } = contextFiles(configDir, contextName);
  await rm(tlsDir, { recursive: true, force: true });
  await rm(metaDir, { recursive: true, force: true });
  return 'removed';
}
