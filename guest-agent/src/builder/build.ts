import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { SystemError } from '../api/errors.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Images } from '../images/images.ts';
import { familiarString, type NamedReference } from '../images/reference.ts';
import { locateDockerfile, unpackContext } from './build-context.ts';
import type { BuildAccess, BuildDaemon } from './build-daemon.ts';
import { buildError, BuildFailedError } from './build-errors.ts';
import { BuildProgress, type SolveStatus } from './build-progress.ts';
import type { BuildRequest } from './build-request.ts';
import { publishImage } from './note-export.ts';
import { writeLogins } from './registry-logins.ts';
import { runClient } from './run-client.ts';
import type { RunningBuilds } from './running-builds.ts';
import { solveArguments } from './solve-arguments.ts';

export interface BuildDependencies {
  daemon: Pick<BuildDaemon, 'use'>;
  images: Pick<Images, 'resolve' | 'tag'>;
  events: EventPublisher;
  running: RunningBuilds;
  /** Folder under which each build has its own. */
  builds: string;
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
  await mkdir(deps.builds, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(path.join(deps.builds, 'build-'));
  const held: BuildMessage[] = [];
  const { quiet } = options.request;
  const write = quiet ? (message: BuildMessage) => void held.push(message) : options.write;
  try {
    const id = await deps.daemon.use((access) => solve({ ...options, access, folder, write, signal: running.signal }));
    await name(deps, { id, tags: options.request.tags, write });
    if (quiet) options.write({ stream: `${id}\n` });
  } catch (error) {
    for (const message of held) options.write(message);
    const failure = running.signal.aborted ? new BuildFailedError('Build cancelled', { code: null }) : error;
    if (!(failure instanceof BuildFailedError)) throw failure;
    const { message, code } = failure;
    options.write({ errorDetail: { ...(code !== null && { code }), message }, error: message });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Solve extends BuildOptions {
  access: BuildAccess;
  folder: string;
}

/** Answers the new image's id. */
async function solve({ request, context, access, folder, write, signal }: Solve): Promise<string> {
  const files = { context: path.join(folder, 'context'), metadata: path.join(folder, 'metadata.json') };
  const isRemote = request.remote !== '';
  if (!isRemote) await unpackContext(context, files.context, signal);
  const dockerfile = isRemote ? request.dockerfile : await locateDockerfile(files.context, request.dockerfile);
  const dockerConfig = path.join(folder, 'docker');
  await writeLogins(dockerConfig, request.credentials);
  const progress = new BuildProgress(write);
  const complaint: string[] = [];
  const onLine = (line: string) => {
    const status = solveStatus(line);
    if (status) progress.accept(status);
    else complaint.push(line);
  };
  const named = { ...request, dockerfile };
  const args = solveArguments(access.address, named, { ...files, context: isRemote ? null : files.context });
  const code = await runClient({ program: access.client, args, dockerConfig, onLine, signal });
  if (code !== 0) throw buildError(complaint.join('\n'));
  return await builtImage(files.metadata);
}

function solveStatus(line: string): SolveStatus | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as SolveStatus;
  } catch {
    return null;
  }
}

async function builtImage(metadataFile: string): Promise<string> {
  const metadata = JSON.parse(await readFile(metadataFile, 'utf8')) as Record<string, unknown>;
  const digest = metadata['containerimage.digest'];
  if (typeof digest !== 'string') throw new SystemError('No image was generated. Is your Dockerfile empty?');
  return digest;
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
