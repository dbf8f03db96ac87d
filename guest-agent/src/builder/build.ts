import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { EngineError, SystemError } from '../api/errors.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Images } from '../images/images.ts';
import { familiarString, type NamedReference } from '../images/reference.ts';
import { openContext } from './build-context.ts';
import type { BuildDaemon } from './build-daemon.ts';
import { buildError, BuildFailedError } from './build-errors.ts';
import { BuildProgress } from './build-progress.ts';
import type { BuildRequest } from './build-request.ts';
import { serveContext } from './context-server.ts';
import { openControlClient, type ControlClient } from './control-client.ts';
import { openLoginSession } from './login-session.ts';
import { publishImage } from './note-export.ts';
import type { RunningBuilds } from './running-builds.ts';
import { solveRequest } from './solve-request.ts';

export interface BuildDependencies {
  daemon: Pick<BuildDaemon, 'use'>;
  images: Pick<Images, 'resolve' | 'tag'>;
  events: EventPublisher;
  running: RunningBuilds;
  /** The address that `host-gateway` stands for. */
  hostGateway: () => string;
}

/** Lines of the answer. */
export type BuildMessage =
  { stream: string } | { aux: { ID: string } } | { errorDetail: { code?: number; message: string }; error: string };

export interface BuildOptions {
  request: BuildRequest;
  /** The context as a tar archive, unless it is remote. */
  context: Readable;
  write: (message: BuildMessage) => void;
  /** Ends the build. */
  signal: AbortSignal;
}

/** POST /build. Rejects only before anything was built; what fails later is written to the stream. */
export async function buildImage(deps: BuildDependencies, options: BuildOptions): Promise<void> {
  using running = deps.running.begin(options.request.buildId, options.signal);
  const request = withGateway(options.request, deps.hostGateway());
  const held: BuildMessage[] = [];
  const { quiet } = options.request;
  const write = quiet ? (message: BuildMessage) => void held.push(message) : options.write;
  try {
    const id = await deps.daemon.use((access) =>
      solve({ ...options, request, ...access, write, signal: running.signal }),
    );
    await name(deps, { id, tags: options.request.tags, write });
    if (quiet) options.write({ stream: `${id}\n` });
  } catch (error) {
    for (const message of held) options.write(message);
    const failure = running.signal.aborted ? new BuildFailedError('Build cancelled', { code: null }) : error;
    if (!(failure instanceof BuildFailedError)) throw failure;
    const { message, code } = failure;
    options.write({ errorDetail: { ...(code !== null && { code }), message }, error: message });
  }
}

function withGateway(request: BuildRequest, address: string): BuildRequest {
  return { ...request, extraHosts: request.extraHosts.map((host) => host.replace(/(?<=[:=])host-gateway$/, address)) };
}

interface Solve extends BuildOptions {
  socket: string;
}

/** Answers the new image's id. */
async function solve({ request, context, socket, write, signal }: Solve): Promise<string> {
  using client = openControlClient(socket);
  await using session = openLoginSession(socket, request.credentials);
  const names = { reference: randomUUID(), session: session.id };
  if (request.remote !== '') {
    return await run({ client, write, signal, request: solveRequest(request, { ...names, context: request.remote }) });
  }
  const archive = await openContext(context, request.dockerfile);
  await using served = await serveContext(archive);
  try {
    return await run({ client, write, signal, request: solveRequest(request, { ...names, context: served.url }) });
  } catch (error) {
    // BuildKit only sees that it breaks off.
    throw archive.errored instanceof EngineError ? archive.errored : error;
  }
}

interface Run {
  client: ControlClient;
  request: ReturnType<typeof solveRequest>;
  write: (message: BuildMessage) => void;
  signal: AbortSignal;
}

async function run({ client, request, write, signal }: Run): Promise<string> {
  const progress = new BuildProgress(write);
  const shown = show(client.status(request.Ref ?? '', signal), progress);
  try {
    const result = await client.solve(request, signal);
    await shown;
    const digest = result['containerimage.digest'];
    if (digest === undefined) throw new SystemError('No image was generated. Is your Dockerfile empty?');
    return digest;
  } catch (error) {
    await shown;
    throw signal.aborted || !(error instanceof EngineError) ? error : buildError(error.message);
  }
}

/** A progress that cannot be had is no reason for a build to fail. */
async function show(statuses: ReturnType<ControlClient['status']>, progress: BuildProgress): Promise<void> {
  try {
    for await (const status of statuses) progress.accept(status);
  } catch {
    return;
  }
}

interface Name {
  id: string;
  tags: readonly NamedReference[];
  write: (message: BuildMessage) => void;
}

async function name({ images, events }: BuildDependencies, { id, tags, write }: Name): Promise<void> {
  await publishImage({ images, events }, { action: 'create', id, name: id });
  write({ aux: { ID: id } });
  write({ stream: `Successfully built ${id.slice('sha256:'.length).slice(0, 12)}\n` });
  for (const tag of tags) {
    await images.tag(id, tag);
    write({ stream: `Successfully tagged ${familiarString(tag)}\n` });
  }
}
