import type { UpdateRequest } from '../api/engine/update-request.ts';
import { attachContainer } from './attach.ts';
import type { Container } from './container.ts';
import { connectNetwork } from './connect-network.ts';
import { createContainer, type ContainerRequest, type CreateOptions } from './create.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { archiveFiles } from './files/archive.ts';
import { listChanges } from './files/changes.ts';
import { commitContainer } from './files/commit.ts';
import { exportContainer } from './files/export.ts';
import { extractFiles } from './files/extract.ts';
import { statFile } from './files/stat.ts';
import { removeLink } from './links/remove-link.ts';
import { disconnectNetwork } from './disconnect-network.ts';
import { killContainer } from './kill.ts';
import { containerSizes, listContainers, type ListOptions } from './list.ts';
import { openLogStream } from './logs/read-logs.ts';
import { pauseContainer } from './pause.ts';
import { ContainerPruner } from './prune.ts';
import type { Filters } from '../api/engine/filters.ts';
import { removeContainer } from './remove.ts';
import { renameContainer } from './rename.ts';
import { resizeContainer } from './resize.ts';
import { restartContainer } from './restart.ts';
import { startContainer } from './start.ts';
import { containerStats } from './stats/stream-stats.ts';
import { stopContainer } from './stop.ts';
import { topContainer } from './top.ts';
import { unpauseContainer } from './unpause.ts';
import { checkUpdate, updateContainer } from './update.ts';
import { inspectView } from './views/inspect-view.ts';
import { waitForContainer } from './wait.ts';

/** The verbs of containers, bound to what they work with. */
export function containerVerbs(deps: ContainerDependencies) {
  const bind =
    <A extends unknown[], R>(verb: (deps: ContainerDependencies, container: Container, ...args: A) => R) =>
    (container: Container, ...args: A): R =>
      verb(deps, container, ...args);
  const pruner = new ContainerPruner(deps);
  return {
    /** NotFoundError `No such container: X`. */
    get: (reference: string) => deps.store.get(reference),
    create: (request: ContainerRequest, options: CreateOptions) => createContainer(deps, request, options),
    list: (options: ListOptions) => listContainers(deps, options),
    async inspect(container: Container, withSizes: boolean): Promise<object> {
      return inspectView(container, deps, withSizes ? await containerSizes(deps, container) : null);
    },
    start: bind(startContainer),
    stop: bind(stopContainer),
    kill: (reference: string, signal: string) => killContainer(deps, reference, signal),
    restart: bind(restartContainer),
    pause: bind(pauseContainer),
    unpause: bind(unpauseContainer),
    rename: bind(renameContainer),
    connect: bind(connectNetwork),
    disconnect: bind(disconnectNetwork),
    remove: bind(removeContainer),
    removeLink: (reference: string) => removeLink(deps, reference),
    resize: bind(resizeContainer),
    top: bind(topContainer),
    attach: bind(attachContainer),
    logs: bind(openLogStream),
    stats: bind(containerStats),
    checkUpdate: (request: UpdateRequest) => checkUpdate(deps, request),
    update: bind(updateContainer),
    wait: waitForContainer,
    statFile: bind(statFile),
    archiveFiles: bind(archiveFiles),
    extractFiles: bind(extractFiles),
    changes: bind(listChanges),
    export: bind(exportContainer),
    commit: bind(commitContainer),
    prune: (filters: Filters) => pruner.prune(filters),
  };
}

export type ContainerVerbs = ReturnType<typeof containerVerbs>;
