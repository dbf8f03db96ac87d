import { Client, credentials, type ChannelOptions } from '@grpc/grpc-js';
import { Service, type ServiceDefinition } from './call.ts';

/**
 * No keepalive pings: on a unix socket the kernel reports a dead peer at once, and containerd answers
 * pings more frequent than every five minutes by hanging up.
 */
const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': 16 << 20,
  'grpc.max_send_message_length': 16 << 20,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  'grpc.use_local_subchannel_pool': 1,
};

export interface ConnectionOptions {
  /** Path of containerd's socket. */
  address: string;
  namespace: string;
}

/**
 * Two channels to one containerd: layer data has its own, so that a big upload never delays a start.
 * They connect on first use and reconnect by themselves; calls made meanwhile wait, unless they are told to fail fast.
 */
export class Connection implements Disposable {
  readonly namespace: string;
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #control: Client;
  readonly #bulk: Client;

  constructor({ address, namespace }: ConnectionOptions) {
    const open = () => new Client(`unix:${address}`, credentials.createInsecure(), channelOptions);
    this.namespace = namespace;
    this.#metadata = { 'containerd-namespace': namespace };
    this.#control = open();
    this.#bulk = open();
  }

  service<D extends ServiceDefinition>(definition: D): Service<D> {
    return new Service({ client: this.#control, metadata: this.#metadata, definition });
  }

  bulkService<D extends ServiceDefinition>(definition: D): Service<D> {
    return new Service({ client: this.#bulk, metadata: this.#metadata, definition });
  }

  [Symbol.dispose](): void {
    this.#control.close();
    this.#bulk.close();
  }
}
