import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError, SystemError } from '../api/errors.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Images } from '../images/images.ts';
import type { NamedReference } from '../images/reference.ts';
import { withHostGateways } from '../networks/host-gateway.ts';
import type { BuildDaemon } from './build-daemon.ts';
import {
  classicAccount,
  traceAccount,
  type Account,
  type BuildMessage,
  type WriteBuildMessage,
} from './build-account.ts';
import { BuildFailedError } from './build-errors.ts';
import { clientSession, type BuildRequest } from './build-request.ts';
import { type ContextOptions, openContextSession } from './context-session.ts';
import { openControlClient, type ControlClient } from './control-client.ts';
import type { DeepPartial, SolveRequest } from '../gen/buildkit/control.ts';
import { openLoginSession } from './login-session.ts';
import { publishImage } from './note-export.ts';
import type { RunningBuilds } from './running-builds.ts';
import { type Context, imageExporter, isOfName, solveRequest } from './solve-request.ts';

export interface BuildDependencies {
  daemon: Pick<BuildDaemon, 'use'>;
  images: Pick<Images, 'resolve' | 'tag'>;
  events: EventPublisher;
  running: RunningBuilds;
  /** The address that `host-gateway` stands for. */
  hostGateways: () => readonly string[];
  /** What steps have to be called to come into a network. */
  hostnameFor: (network: string) => string;
  /** By which program contexts are unpacked, and where. */
  contexts: Pick<ContextOptions, 'program' | 'folder'>;
}

export interface BuildOptions {
  request: BuildRequest;
  /** The context as a tar archive, unless it is remote. */
  context: Readable;
  write: WriteBuildMessage;
  /** Ends the build. */
  signal: AbortSignal;
}

/** POST /build. Rejects only before anything was built; what fails later is written to the stream. */
export async function buildImage(deps: BuildDependencies, options: BuildOptions): Promise<void> {
  using running = deps.running.begin(options.request.buildId, options.signal);
  const extraHosts = withHostGateways(options.request.extraHosts, deps.hostGateways());
  const request = { ...options.request, extraHosts };
  const hostname = isOfName(request) ? deps.hostnameFor(request.network) : '';
  const held: BuildMessage[] = [];
  const { quiet } = options.request;
  const write: WriteBuildMessage = quiet ? (message) => void held.push(message) : options.write;
  const account = request.version === 2 ? traceAccount(write) : classicAccount(write);
  try {
    const id = await deps.daemon.use((access) =>
      solve({ ...options, request, ...access, account, hostname, contexts: deps.contexts, signal: running.signal }),
    );
    if (id !== null) await name(deps, { id, tags: request.tags, account });
    if (quiet) options.write({ stream: `${id}\n` });
  } catch (error) {
    for (const message of held) options.write(message);
    const failure = running.signal.aborted ? new BuildFailedError('Build cancelled', { code: null }) : error;
    if (!(failure instanceof BuildFailedError)) throw failure;
    const { message, code } = failure;
    options.write({ errorDetail: { ...(code !== null && { code }), message }, error: message });
  }
}

interface Solve extends Omit<BuildOptions, 'write'> {
  socket: string;
  account: Account;
  /** Of the steps; '': any. */
  hostname: string;
  contexts: BuildDependencies['contexts'];
}

/** Answers the new image's id; null where the result went elsewhere. */
async function solve({ request, context, socket, account, hostname, contexts, signal }: Solve): Promise<string | null> {
  using client = openControlClient(socket);
  await using logins = openLoginSession(socket, request.credentials);
  const run = (from: Context) => {
    const names = { reference: randomUUID(), session: request.session || logins.id, context: from, hostname };
    return follow({ client, account, signal, request: solveRequest(request, names) });
  };
  if (request.remote === clientSession) return await run({ session: '' });
  if (request.remote !== '') return await run({ address: request.remote });
  refuseOutside(request.dockerfile);
  const isOfRoot = request.version === 1;
  await using files = await openContextSession({ ...contexts, socket, archive: context, isOfRoot, signal });
  return await run({ session: files.id });
}

function refuseOutside(dockerfile: string): void {
  if (path.posix.normalize(dockerfile).split('/')[0] !== '..') return;
  throw new SystemError(`forbidden path outside the build context: ${dockerfile} ()`);
}

interface Follow {
  client: ControlClient;
  request: DeepPartial<SolveRequest>;
  account: Account;
  signal: AbortSignal;
}

async function follow({ client, request, account, signal }: Follow): Promise<string | null> {
  // A progress that cannot be had is no reason for a build to fail.
  const told = account.follow(client, request.Ref ?? '', signal).catch(() => undefined);
  try {
    const result = await client.solve(request, signal);
    await told;
    const digest = result['containerimage.digest'];
    const isImage = request.Exporters?.[0]?.Type === imageExporter;
    if (digest === undefined && isImage) throw new SystemError('No image was generated. Is your Dockerfile empty?');
    return isImage && digest !== undefined ? digest : null;
  } catch (error) {
    await told;
    throw signal.aborted || !(error instanceof EngineError) ? error : account.failure(error.message);
  }
}

interface Name {
  id: string;
  tags: readonly NamedReference[];
  account: Account;
}

async function name({ images, events }: BuildDependencies, { id, tags, account }: Name): Promise<void> {
  await publishImage({ images, events }, { action: 'create', id, name: id });
  account.built(id);
  for (const tag of tags) {
    await images.tag(id, tag);
    account.tagged(tag);
  }
}
