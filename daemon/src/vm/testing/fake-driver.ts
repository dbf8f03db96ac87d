import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { connectStream } from '../connect.ts';
import { datagramStream } from '../datagram-stream.ts';
import {
  DialError,
  VmStartError,
  type DialTarget,
  type RunningVm,
  type VmCapabilities,
  type VmDriver,
  type VmExit,
  type VmSpec,
  type VmStartOptions,
} from '../driver.ts';

/** What runs inside a fake machine. By default the engine answers every request with `OK`. */
export interface FakeGuest {
  engine?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Gets every stream that is dialled to the guest API; by default each gets an HTTP 404. */
  guest?: (stream: Duplex) => void;
}

export interface FakeDriverOptions {
  name?: string;
  capabilities?: Partial<VmCapabilities>;
  guest?: FakeGuest;
  /** check() says this. */
  problem?: string;
  /** Awaited in start(); rejecting makes it fail. */
  starting?: (options: VmStartOptions) => Promise<void>;
}

/** Machines in this process's memory, by instance folder: what a real host keeps between two daemons. */
export class FakeHost {
  readonly running = new Map<string, FakeMachine>();
}

/** A driver without a VM, which keeps every promise of the interface. */
export class FakeDriver implements VmDriver {
  readonly name: string;
  readonly capabilities: VmCapabilities;
  readonly #host: FakeHost;
  readonly #options: FakeDriverOptions;

  constructor(host: FakeHost, options: FakeDriverOptions = {}) {
    this.name = options.name ?? 'fake';
    this.capabilities = {
      limits: true,
      dataDisk: true,
      sharesHost: false,
      otherArchitectures: true,
      hostFolders: ['virtiofs', '9p'],
      image: null,
      ...options.capabilities,
    };
    this.#host = host;
    this.#options = options;
  }

  async check(): ReturnType<VmDriver['check']> {
    const { problem } = this.#options;
    return problem === undefined ? { usable: true, detail: 'fake' } : { usable: false, problem };
  }

  async start(spec: VmSpec, options: VmStartOptions): Promise<RunningVm> {
    options.onProgress({ phase: 'fake', atMs: 0 });
    try {
      await this.#options.starting?.(options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw new VmStartError((error as Error).message, { consoleTail: 'last words', cause: error });
    }
    options.signal.throwIfAborted();
    const machine = new FakeMachine(this.#options.guest ?? {}, () => this.#host.running.delete(spec.instanceDir));
    this.#host.running.set(spec.instanceDir, machine);
    return new FakeVm(machine);
  }

  async adopt(spec: VmSpec): Promise<RunningVm | null> {
    const machine = this.#host.running.get(spec.instanceDir);
    return machine ? new FakeVm(machine) : null;
  }
}

/** What goes on running when a daemon lets go. */
export class FakeMachine {
  readonly exited: Promise<VmExit>;
  readonly #settle: (exit: VmExit) => void;
  readonly #engine: Server;
  readonly #guest: (stream: Duplex) => void;
  readonly #streams = new Set<Duplex>();
  readonly #onEnd: () => void;
  ended = false;

  constructor({ engine, guest }: FakeGuest, onEnd: () => void) {
    const { promise, resolve } = Promise.withResolvers<VmExit>();
    this.exited = promise;
    this.#settle = resolve;
    this.#onEnd = onEnd;
    this.#engine = createServer(engine ?? ((_request, response) => void response.end('OK')));
    const nothing = createServer((_request, response) => void response.writeHead(404).end());
    this.#guest = guest ?? ((stream) => void nothing.emit('connection', stream));
  }

  /** Ends it; call it from a test with `expected: false` to play a crash. */
  end(exit: VmExit): void {
    if (this.ended) return;
    this.ended = true;
    for (const stream of this.#streams) stream.destroy();
    this.#onEnd();
    this.#settle(exit);
  }

  open(kind: 'engine' | 'guest'): Duplex {
    const [host, guest] = duplexPair();
    this.#streams.add(guest);
    guest.once('close', () => {
      this.#streams.delete(guest);
      host.destroy();
    });
    host.once('close', () => guest.destroy());
    if (kind === 'engine') this.#engine.emit('connection', guest);
    else this.#guest(guest);
    return host;
  }
}

class FakeVm implements RunningVm {
  readonly accelerator = 'fake';
  readonly exited: Promise<VmExit>;
  readonly #machine: FakeMachine;
  #detached = false;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
    this.exited = machine.exited;
  }

  async dial(target: DialTarget, signal?: AbortSignal): Promise<Duplex> {
    if (this.#detached || this.#machine.ended) throw new DialError('ECLOSED', 'the machine does not run');
    if (target.kind === 'tcp') return connectStream({ host: target.host, port: target.port }, signal);
    if (target.kind === 'udp') return datagramStream(target);
    return this.#machine.open(target.kind);
  }

  async stop(): Promise<void> {
    this.#machine.end({ expected: true, reason: 'stopped' });
  }

  async kill(): Promise<void> {
    this.#machine.end({ expected: true, reason: 'killed' });
  }

  async detach(): Promise<void> {
    this.#detached = true;
  }

  async consoleTail(): Promise<string> {
    return 'last words';
  }
}
