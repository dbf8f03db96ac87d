import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm } from 'node:fs/promises';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '../api/errors.ts';
import { childEnvironment } from '../config.ts';
import type { Logger } from '../logger.ts';
import { programIn, requirePrograms } from './program.ts';

export interface BuildDaemonOptions {
  /** Folder with buildkitd. */
  programs: string;
  root: string;
  socket: string;
  logFile: string;
  configFile: string;
  containerdAddress: string;
  namespace: string;
  /** Variables besides the agent's own. */
  environment: Readonly<Record<string, string>>;
  /** How long it stays when nobody builds any more. */
  idleMs: number;
  log: Logger;
  /** Runs before each start. */
  prepare: () => Promise<void>;
  /** Puts away what it left behind, after each end. */
  cleanUp: () => Promise<void>;
}

/** What a build needs of it, for as long as the build lasts. */
export interface BuildAccess {
  /** Path of the socket that its control API is on. */
  socket: string;
}

interface Running {
  child: ChildProcess;
  exited: Promise<unknown>;
}

/** A step's output is the client's to read, all of it. */
const noLogLimits = { BUILDKIT_STEP_LOG_MAX_SIZE: '-1', BUILDKIT_STEP_LOG_MAX_SPEED: '-1' };
const startTimeoutMs = 30_000;
const pollMs = 20;
const stopGraceMs = 3_000;

/**
 * buildkitd, there only while somebody builds and a while after.
 *
 *     stopped ──use──► starting ──► running ──idle──► stopping ──► stopped
 *        ▲                             │ it ends by itself
 *        └─────────────────────────────┘ (the next use starts it again)
 *
 * It cannot outlive the agent: the kernel ends it when the agent ends, however that happens.
 */
export class BuildDaemon implements AsyncDisposable {
  readonly #options: BuildDaemonOptions;
  #running: Running | null = null;
  #changing: Promise<void> = Promise.resolve();
  #users = 0;
  #idle: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: BuildDaemonOptions) {
    this.#options = options;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Starts it if need be, and keeps it until `work` has settled. */
  async use<T>(work: (access: BuildAccess) => Promise<T>): Promise<T> {
    const { programs } = this.#options;
    await requirePrograms(programs);
    const program = programIn(programs, 'buildkitd');
    this.#users++;
    clearTimeout(this.#idle);
    try {
      await this.#change(() => this.#ensureRunning(program));
      return await work({ socket: this.#options.socket });
    } finally {
      this.#users--;
      if (this.#users === 0 && !this.#isOver) this.#stopWhenIdle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#idle);
    await this.#change(() => this.#stop());
    await this.#changing;
  }

  #stopWhenIdle(): void {
    const stop = async () => {
      if (this.#users === 0) await this.#stop();
    };
    const failed = (error: unknown) => this.#options.log.warn({ err: error }, 'buildkitd could not be stopped');
    this.#idle = setTimeout(() => void this.#change(stop).catch(failed), this.#options.idleMs).unref();
  }

  /** Starts and stops come one after the other. */
  #change(work: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #ensureRunning(program: string): Promise<void> {
    if (this.#isOver) throw new UnavailableError('the engine is shutting down');
    const { root, socket, prepare } = this.#options;
    if (this.#running && (await accepts(socket))) return;
    // One that has just ended, or hangs.
    await this.#kill();
    await mkdir(root, { recursive: true, mode: 0o700 });
    await rm(socket, { force: true });
    await prepare();
    const running = await this.#spawn(program);
    try {
      await this.#answers(running);
    } catch (error) {
      await this.#kill();
      throw error;
    }
  }

  async #spawn(file: string): Promise<Running> {
    const logFile = await open(this.#options.logFile, 'w', 0o600);
    try {
      const { root, environment } = this.#options;
      const args = ['--pdeathsig', 'KILL', '--', file, ...this.#arguments()];
      const env = childEnvironment({ ...noLogLimits, ...environment });
      const child = spawn('setpriv', args, { stdio: ['ignore', logFile.fd, logFile.fd], cwd: root, env });
      const exited = once(child, 'close').catch(() => undefined);
      const running = { child, exited };
      this.#running = running;
      void exited.then(() => this.#ended(running));
      return running;
    } finally {
      await logFile.close();
    }
  }

  /** However it ended: what it ran does not end with it, and has to be gone before another one starts. */
  #ended(running: Running): void {
    if (this.#running === running) this.#running = null;
    const { cleanUp, log } = this.#options;
    this.#change(cleanUp).catch((error: unknown) => log.warn({ err: error }, 'steps of a build may have been left'));
  }

  #arguments(): string[] {
    const { root, socket, configFile, containerdAddress, namespace } = this.#options;
    return [
      ...['--config', configFile, '--root', root, '--addr', `unix://${socket}`, '--cdi-disabled'],
      ...['--oci-worker=false', '--containerd-worker=true', '--containerd-worker-addr', containerdAddress],
      ...['--containerd-worker-namespace', namespace, '--containerd-worker-snapshotter', 'overlayfs'],
    ];
  }

  /** It listens once its worker stands. */
  async #answers(running: Running): Promise<void> {
    const until = Date.now() + startTimeoutMs;
    while (Date.now() < until) {
      if (this.#running !== running) {
        throw new UnavailableError(`buildkitd ended while it started: see ${this.#options.logFile}`);
      }
      if (await accepts(this.#options.socket)) return;
      await Promise.race([delay(pollMs), running.exited]);
    }
    throw new UnavailableError(`buildkitd did not start within ${startTimeoutMs / 1000} s`);
  }

  async #kill(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.#running?.exited;
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.child.kill('SIGTERM');
    const kill = setTimeout(() => running.child.kill('SIGKILL'), stopGraceMs);
    await running.exited;
    clearTimeout(kill);
  }
}

function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(socket);
    const settle = (isThere: boolean) => {
      connection.destroy();
      resolve(isThere);
    };
    connection.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
