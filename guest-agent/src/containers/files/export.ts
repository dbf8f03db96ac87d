import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IdMapping } from '../../userns/id-mapping.ts';
import { mapTarIds } from '../../userns/map-tar-ids.ts';
import type { Container } from '../container.ts';
import { containerEvent } from '../container-events.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { type Archive, tarArchive } from './archive.ts';
import { openFileView } from './file-view.ts';
import { inFolder } from './rooted-walk.ts';
import { packWithTar, renamed } from './tar-process.ts';

/** GET /containers/{id}/export: the whole file system as a tar, without volumes. */
export async function exportContainer(
  deps: ContainerDependencies,
  container: Container,
): Promise<Omit<Archive, 'stat'>> {
  await using stack = new AsyncDisposableStack();
  const view = stack.use(await openFileView(deps, container, { withMounts: false }));
  const { folder } = await view.walk.to('/', { followLast: false });
  const names = await readdir(inFolder(folder, '.'));
  const list = names.sort().map((name) => `./${name}\0`);
  deps.events.publish(containerEvent(container, 'export'));
  const archive = tarArchive(stack.move(), async (to) => {
    const options = { transform: renamed(''), recordBlocks: 128, to };
    const tar = packWithTar(`/proc/${process.pid}/fd/${folder.fd}`, options);
    tar.input.end(list.join(''));
    return tar;
  });
  return deps.identity ? inContainerIds(archive, deps.identity) : archive;
}

/** The archive says who files belong to in the container, not who that is on the machine. */
function inContainerIds(archive: Omit<Archive, 'stat'>, identity: IdMapping): Omit<Archive, 'stat'> {
  const start = async () => {
    const { content, done } = await archive.start();
    return { content: Readable.from(mapTarIds(content, (owner) => identity.toContainer(owner))), done };
  };
  return {
    ...archive,
    start,
    async sendTo(socket) {
      const { content, done } = await start();
      await pipeline(content, socket, { end: false });
      await done;
    },
  };
}
