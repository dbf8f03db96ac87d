import { chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AgentConfig } from '../config.ts';
import type { IdMapping } from '../userns/id-mapping.ts';
import { openFolders } from '../userns/open-folders.ts';
import { DataRoot } from './data-root.ts';

/** Where the engine keeps its things; with other ids for containers it is a place of its own, as with dockerd. */
export async function openDataRoot(config: AgentConfig, identity: IdMapping | null): Promise<DataRoot> {
  const { dataRoot, runRoot, privateFolders, containerdAddress } = config;
  await mkdir(dataRoot, { recursive: true, mode: 0o710 });
  await mkdir(runRoot, { recursive: true, mode: 0o700 });
  if (!identity) return new DataRoot(config);
  const root = new DataRoot({
    dataRoot: path.join(dataRoot, identity.name),
    runRoot: path.join(runRoot, identity.name),
  });
  await mkdir(root.root, { recursive: true, mode: 0o710 });
  await chown(root.root, 0, identity.root.gid);
  await mkdir(root.runRoot, { recursive: true, mode: 0o700 });
  await openFolders(root.root, [...privateFolders, dataRoot], identity.root);
  await openFolders(path.dirname(containerdAddress), [], identity.root);
  return root;
}
