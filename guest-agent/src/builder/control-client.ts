import { Client, credentials } from '@grpc/grpc-js';
import { Service } from '../containerd/call.ts';
import {
  ControlDefinition,
  type DeepPartial,
  type PruneRequest,
  type SolveRequest,
  type StatusResponse,
  type UsageRecord,
} from '../gen/buildkit/control.ts';

/** Vertexes and their logs come in bursts; a cache may have very many records. */
const mostMessageBytes = 64 << 20;

/** What BuildKit's control API is asked (github.com/moby/buildkit, api/services/control). Errors are EngineErrors. */
export interface ControlClient extends Disposable {
  /** Answers what the exporters say. An abort ends the build. */
  solve(request: DeepPartial<SolveRequest>, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Progress of the solve with this reference, which may begin a little later; ends with it. */
  status(reference: string, signal: AbortSignal): AsyncIterable<StatusResponse>;
  /** The same, message by message as BuildKit sent them. */
  trace(reference: string, signal: AbortSignal): AsyncIterable<Buffer>;
  usage(): Promise<readonly UsageRecord[]>;
  /** What was removed. */
  prune(request: DeepPartial<PruneRequest>): Promise<readonly UsageRecord[]>;
}

const bytes = {
  encode: (message: Buffer) => ({ finish: () => message }),
  decode: (message: Uint8Array) => Buffer.from(message),
  fromPartial: (message: Buffer) => message,
};

/** Clients know more of these messages than this engine does. */
const rawStatus = {
  fullName: ControlDefinition.fullName,
  methods: { status: { ...ControlDefinition.methods.status, responseType: bytes } },
};

/** @param socket path of buildkitd's socket */
export function openControlClient(socket: string): ControlClient {
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': mostMessageBytes,
    'grpc.use_local_subchannel_pool': 1,
  });
  const control = new Service({ client, definition: ControlDefinition });
  const raw = new Service({ client, definition: rawStatus });
  return {
    solve: async (request, signal) => (await control.unary('solve', request, { signal })).ExporterResponse,
    status: (reference, signal) => control.serverStream('status', { Ref: reference }, { signal }),
    trace: (reference, signal) => raw.serverStream('status', { Ref: reference }, { signal }),
    usage: async () => (await control.unary('diskUsage', {})).record,
    prune: (request) => Array.fromAsync(control.serverStream('prune', request)),
    [Symbol.dispose]: () => client.close(),
  };
}
