import { NotFoundError, SystemError } from '../../api/index.ts';
import { hasTask } from '../container-state.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { forgetInHosts } from './link-hosts.ts';

/** DELETE /containers/SOURCE/ALIAS?link=1: the containers stay, the link goes. */
export async function removeLink({ store }: ContainerDependencies, reference: string): Promise<void> {
  // dockerd looks for the container first, by whatever it is called.
  store.get(reference);
  const name = reference.replace(/^\//, '');
  const at = name.lastIndexOf('/');
  if (at === -1) throw new SystemError('Conflict, cannot remove the default link name of the container');
  const sourceId = store.names.idOf(name.slice(0, at));
  if (sourceId === undefined) {
    throw new SystemError(`Cannot get parent /${name.slice(0, at)} for link name /${name}`);
  }
  const source = store.get(sourceId);
  await source.lock.run(async () => {
    const { record } = source;
    const alias = name.slice(at + 1);
    if (!record.links?.some((link) => link.alias === alias)) {
      throw new NotFoundError(`No such container: ${reference}`);
    }
    source.replaceRecord({ ...record, links: record.links.filter((link) => link.alias !== alias) });
    if (hasTask(source.state)) await forgetInHosts(source.paths.hosts, alias);
  });
}
