import type { ContainerConfig } from '../../api/engine/container-config.ts';
import { ConflictError, EngineError } from '../../api/index.ts';
import { familiarString, type NamedReference } from '../../images/reference.ts';
import type { Container } from '../container.ts';
import { containerEvent } from '../container-events.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { pauseContainer } from '../pause.ts';
import { unpauseContainer } from '../unpause.ts';
import { commitConfig } from './commit-config.ts';

export interface CommitOptions {
  reference: NamedReference | null;
  author: string;
  comment: string;
  /** Dockerfile instructions for the configuration. */
  changes: string[];
  /** Freeze a running container meanwhile. */
  pause: boolean;
  /** null: the container's own. */
  config: ContainerConfig | null;
}

/** POST /commit: an image of what the container is now. Answers its id. */
export async function commitContainer(
  deps: ContainerDependencies,
  container: Container,
  options: CommitOptions,
): Promise<string> {
  refuse(container);
  const { record } = container;
  const { reference, author, comment } = options;
  await using _thawed = await frozen(deps, container, options.pause);
  await deps.fault?.('commit:after-freeze', container.id);
  const config = commitConfig(record.config, options.config, options.changes);
  const imageID = await deps.images.commit({
    ...{ reference, author, comment, config },
    containerId: container.id,
    parent: record.imageManifest && { id: record.imageId, manifest: record.imageManifest },
    createdBy: (record.config.Cmd ?? []).join(' '),
  });
  await deps.fault?.('commit:after-image', container.id);
  const imageRef = reference ? familiarString(reference) : '';
  deps.events.publish(containerEvent(container, 'commit', { comment, imageID, imageRef }));
  return imageID;
}

function refuse({ id, state }: Container): void {
  const text = `You cannot commit container ${id} which is `;
  if (state.phase === 'dead') throw new ConflictError(`${text}Dead`);
  if (state.phase === 'removing') throw new ConflictError(`${text}being removed`);
}

/** One that does not run, or is paused already, is left as it is. */
async function frozen(deps: ContainerDependencies, container: Container, wanted: boolean): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  if (!wanted || container.state.phase !== 'running') return stack;
  try {
    await pauseContainer(deps, container);
    stack.defer(() => unpauseContainer(deps, container).catch(ignoreEnded));
  } catch (error) {
    ignoreEnded(error);
  }
  return stack;
}

/** It has ended, or somebody else has paused or unpaused it. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof EngineError)) throw error;
}
