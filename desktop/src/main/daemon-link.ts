import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  ControlClient,
  DaemonNotRunningError,
  follow,
  type Following,
  type OperationName,
  type OperationRequest,
  type OperationResponse,
  type StreamName,
  type StreamRequest,
} from '@berth/daemon/api';

/** The app's way to a home's daemon. */
export interface DaemonLink {
  /** A start brings the daemon up, too, when there is none. */
  call<Name extends OperationName>(name: Name, request: OperationRequest<Name>): Promise<OperationResponse<Name>>;
  follow<Name extends StreamName>(
    stream: { stream: Name; request: StreamRequest<Name> },
    following: Following<Name>,
  ): Promise<void>;
}

export interface DaemonLinkOptions {
  socketPath: string;
  /** Brings daemon and machine up; rejects with what it said. */
  bringUp: () => Promise<void>;
}

export function daemonLink({ socketPath, bringUp }: DaemonLinkOptions): DaemonLink {
  const client = new ControlClient(socketPath);
  return {
    async call(name, request) {
      try {
        return await client.call(name, request);
      } catch (error) {
        if (name !== 'start' || !(error instanceof DaemonNotRunningError)) throw error;
        await bringUp();
        return client.call(name, request);
      }
    },
    follow: (stream, following) => follow(socketPath, stream, following),
  };
}

/** `berth up`, by the command that is installed. */
export function berthUp(home: string): () => Promise<void> {
  return async () => {
    try {
      await promisify(execFile)('berth', ['up', '--home', home]);
    } catch (error) {
      const { code, stderr, message } = error as Error & { code?: string; stderr?: string };
      if (code === 'ENOENT') throw new Error('the berth command is not on the PATH', { cause: error });
      throw new Error(lastLine(stderr ?? '') ?? message, { cause: error });
    }
  };
}

function lastLine(text: string): string | undefined {
  return (
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^berth: /, '') || undefined
  );
}
