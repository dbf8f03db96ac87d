import { familiarString, type NamedReference } from '../images/reference.ts';
import type { EngineError } from '../api/errors.ts';
import { buildError, BuildFailedError } from './build-errors.ts';
import { BuildProgress } from './build-progress.ts';
import type { ControlClient } from './control-client.ts';

/** Lines of the answer. */
export type BuildMessage =
  | { stream: string }
  | { aux: { ID: string } }
  | { id: 'moby.buildkit.trace'; /** Base64. */ aux: string }
  | { id: 'moby.image.id'; aux: { ID: string } }
  | { errorDetail: { code?: number; message: string }; error: string };

export type WriteBuildMessage = (message: BuildMessage) => void;

/** How a client is told of its build. */
export interface Account {
  /** Shows the progress of a solve up to its end. */
  follow(client: ControlClient, reference: string, signal: AbortSignal): Promise<void>;
  built(id: string): void;
  tagged(name: NamedReference): void;
  /** BuildKit's error as the client is to have it. */
  failure(message: string): EngineError;
}

/** As the classic builder told it: the steps of the Dockerfile with their output. */
export function classicAccount(write: WriteBuildMessage): Account {
  const progress = new BuildProgress(write);
  return {
    async follow(client, reference, signal) {
      for await (const status of client.status(reference, signal)) progress.accept(status);
    },
    built(id) {
      write({ aux: { ID: id } });
      write({ stream: `Successfully built ${id.slice('sha256:'.length).slice(0, 12)}\n` });
    },
    tagged: (name) => write({ stream: `Successfully tagged ${familiarString(name)}\n` }),
    failure: (message) => buildError(message, progress.failedCopy),
  };
}

/** As clients of version 2 read it: BuildKit's own messages. */
export function traceAccount(write: WriteBuildMessage): Account {
  return {
    async follow(client, reference, signal) {
      for await (const status of client.trace(reference, signal)) {
        write({ id: 'moby.buildkit.trace', aux: status.toString('base64') });
      }
    },
    built: (id) => write({ id: 'moby.image.id', aux: { ID: id } }),
    tagged: () => undefined,
    failure: (message) => new BuildFailedError(message, { code: null }),
  };
}
