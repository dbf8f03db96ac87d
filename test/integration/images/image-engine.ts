import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startContainerd } from './scratch-containerd.ts';

const program = path.resolve(import.meta.dirname, '../../../guest-agent/src/server/testing/image-engine.ts');
/** A real dockerd's socket, as DOCKER_HOST would name it: `unix://…`. */
const referenceSocket = process.env['REFERENCE_DOCKER_HOST']?.replace(/^unix:\/\//, '');

export interface Answer {
  status: number;
  contentType: string;
  /** Parsed JSON; for streams of documents, all of them; otherwise the text. */
  body: unknown;
}

export interface Call {
  method?: 'GET' | 'POST' | 'DELETE' | 'PUT';
  headers?: Record<string, string>;
  body?: Buffer | Readable | string;
  signal?: AbortSignal;
}

/** Something that answers the Engine API on a unix socket. */
export class EngineClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async call(target: string, call: Call = {}): Promise<Answer> {
    const response = await this.#send(target, call);
    const contentType = (response.headers['content-type'] ?? '').split(';', 1)[0] ?? '';
    const text = (await readAll(response)).toString('utf8');
    return { status: response.statusCode ?? 0, contentType, body: parse(text) };
  }

  async bytes(target: string): Promise<Buffer> {
    return await readAll(await this.#send(target, {}));
  }

  async #send(target: string, { method = 'GET', headers, body, signal }: Call): Promise<IncomingMessage> {
    const path = `/v1.51${target}`;
    const call = request({ socketPath: this.#socketPath, path, method, headers, signal, agent: false });
    if (body instanceof Readable) void pipeline(body, call).catch(() => call.destroy());
    else call.end(body);
    // An engine that has answered need not read the rest.
    call.on('error', () => {});
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return response;
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parse(text: string): unknown {
  if (text.includes('\r\n'))
    return text
      .split('\r\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Users {
  images: object[];
  volumes: Record<string, string[]>;
}

export interface ImageEngine extends AsyncDisposable {
  client: EngineClient;
  containerdAddress: string;
  dir: string;
  /** Says which containers there are. */
  setUsers(users: Partial<Users>): Promise<void>;
  /** Events since the start, as `action id`. */
  events(): Promise<string[]>;
  /** Kills containerd without warning and starts it again; the engine lives on. */
  crashContainerd(): Promise<void>;
  /** Kills the process without warning and starts another. */
  crash(): Promise<void>;
}

/** The agent's image and volume routes in a process of their own, on a containerd of their own; `registry` as daemon.json says. */
export async function startImageEngine(registry: object = {}, disk: { diskMiB?: number } = {}): Promise<ImageEngine> {
  await using stack = new AsyncDisposableStack();
  const containerd = stack.use(await startContainerd(disk));
  const dir = path.join(containerd.dir, 'engine');
  await mkdir(dir);
  const file = (name: string) => path.join(dir, name);
  const socket = file('engine.sock');
  const setUsers = (users: Partial<Users>) =>
    writeFile(file('users.json'), JSON.stringify({ images: [], volumes: {}, ...users }));
  await setUsers({});
  await writeFile(file('events.jsonl'), '');
  const config = {
    containerdAddress: containerd.address,
    socket,
    volumesDir: file('volumes'),
    usersFile: file('users.json'),
    eventsFile: file('events.jsonl'),
    registry,
  };
  await writeFile(file('config.json'), JSON.stringify(config));
  let running = await spawnEngine(file('config.json'));
  stack.defer(() => running.stop('SIGTERM'));
  const client = new EngineClient(socket);
  const owned = stack.move();
  return {
    client,
    containerdAddress: containerd.address,
    dir,
    crashContainerd: () => containerd.crash(),
    async crash() {
      await running.stop('SIGKILL');
      running = await spawnEngine(file('config.json'));
    },
    setUsers,
    async events() {
      const lines = (await readFile(file('events.jsonl'), 'utf8')).split('\n').filter(Boolean);
      return lines.map((line) => {
        const { Action, Actor } = JSON.parse(line) as { Action: string; Actor: { ID: string } };
        return `${Action} ${Actor.ID}`;
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function spawnEngine(config: string) {
  const child = spawn(process.execPath, [program, config], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    async stop(signal: NodeJS.Signals) {
      child.kill(signal);
      await exited;
    },
  };
}

/** A real dockerd to compare with, where REFERENCE_DOCKER_HOST names one; undefined elsewhere. */
export function referenceEngine(): EngineClient | undefined {
  return referenceSocket && existsSync(referenceSocket) ? new EngineClient(referenceSocket) : undefined;
}
