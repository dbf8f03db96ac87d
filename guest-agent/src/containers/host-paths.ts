import path from 'node:path';

/** Where Docker's clients look for an engine on any host. A Windows pipe has lost its dot by the time it is cleaned. */
const usualSockets = ['/var/run/docker.sock', '/run/docker.sock', '/pipe/docker_engine', '/pipe/berth_engine'];

/** Sources of binds as clients name them, which mean the host's, and what they are in the machine. */
export class HostPaths {
  readonly #engineSocket: string;
  readonly #sockets: ReadonlySet<string>;

  /**
   * @param engineSocket path of the engine's socket in the machine
   * @param hostSockets paths on the host on which clients reach the engine
   */
  constructor(engineSocket: string, hostSockets: readonly string[]) {
    this.#engineSocket = engineSocket;
    this.#sockets = new Set([...usualSockets, ...hostSockets.map((socket) => path.posix.normalize(socket))]);
  }

  /** Every socket of the engine's is this one: what a container asks through it is asked of this engine. */
  inMachine(source: string): string {
    const cleaned = path.posix
      .normalize(source.replaceAll('\\', '/'))
      .replace(/^\/\/+/, '/')
      .replace(/^\/\.\//, '/');
    return this.#sockets.has(cleaned) ? this.#engineSocket : source;
  }
}
