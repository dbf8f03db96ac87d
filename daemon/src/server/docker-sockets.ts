import { once } from 'node:events';
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { isPipe } from '../config/engine-address.ts';

export interface LinkOptions {
  places: readonly string[];
  /** Serves a pipe, which cannot be linked; false: somebody else has it. */
  alsoListen: (pipe: string) => Promise<boolean>;
}

/**
 * Places besides the home where clients look for an engine, as links to its socket. Nobody else's live socket is
 * replaced; what could not be linked is a warning.
 */
export class DockerSockets implements AsyncDisposable {
  readonly #target: string;
  readonly #links: string[] = [];
  readonly #warnings: string[] = [];

  private constructor(target: string) {
    this.#target = target;
  }

  static async link(target: string, { places, alsoListen }: LinkOptions): Promise<DockerSockets> {
    const sockets = new DockerSockets(target);
    for (const place of places) {
      if (!isPipe(place)) await sockets.#link(place);
      else if (!(await alsoListen(place))) sockets.#warnings.push(leftAs(place, 'is served by another engine'));
    }
    return sockets;
  }

  /** One line for each place that is not linked. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Takes the links away that still are its own. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) if (await leadsTo(link, this.#target)) await rm(link, { force: true });
  }

  async #link(place: string): Promise<void> {
    try {
      const obstacle = await obstacleAt(place, this.#target);
      if (obstacle === null) await replaceByLink(place, this.#target);
      if (obstacle === null) this.#links.push(place);
      else this.#warnings.push(leftAs(place, obstacle));
    } catch (error) {
      this.#warnings.push(`${place} cannot be linked (${(error as NodeJS.ErrnoException).code})${remedy(place)}`);
    }
  }
}

/** Those of the places that lead to the socket now. */
export async function linkedSockets(target: string, places: readonly string[]): Promise<string[]> {
  const leads = await Promise.all(places.map((place) => leadsTo(place, target)));
  return places.filter((_, index) => leads[index]);
}

const answerTimeoutMs = 2_000;

/** Why the place is not ours to take; null: nothing is there, or something that nobody serves any more. */
async function obstacleAt(place: string, target: string): Promise<string | null> {
  const found = await lstat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (found === null || (await leadsTo(place, target))) return null;
  if (!found.isSocket() && !found.isSymbolicLink()) return 'is no socket';
  return (await isDead(place)) ? null : 'is served by another engine';
}

async function leadsTo(place: string, target: string): Promise<boolean> {
  return (await readlink(place).catch(() => null)) === target;
}

/** Only a refusal shows that nobody listens. */
async function isDead(place: string): Promise<boolean> {
  const socket = connect({ path: place });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(answerTimeoutMs) });
    return false;
  } catch (error) {
    return ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/** At once, so that a client finds the old or the new one. */
async function replaceByLink(place: string, target: string): Promise<void> {
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
  const made = `${place}.berth-${process.pid}`;
  await symlink(target, made);
  await rename(made, place).catch(async (error: unknown) => {
    await rm(made, { force: true });
    throw error;
  });
}

function leftAs(place: string, obstacle: string): string {
  return `${place} ${obstacle}: it is left as it is`;
}

function remedy(place: string): string {
  return path.dirname(place) === '/var/run' ? ': only root may, or leave "systemSocket" out of settings.json' : '';
}
