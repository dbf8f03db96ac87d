import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { berthHome, until, type BerthHome } from '@berth/daemon/testing';
import { execa } from 'execa';
import { engineRequest, type EngineAnswer } from '../../helpers/engine-request.ts';
import { holdings, leftBehind, type Holdings } from '../race/holdings.ts';

export const sampleImage: string = path.resolve(import.meta.dirname, '../../../vm-images/out/sample-busybox.tar');
/** The supervisor gives a service up that ends five times within ten seconds of its start. */
const mostCrashes = 3;
const patient = { timeoutMs: 60_000 };

/**
 * What a fault does: ends the agent, kills containerd, the container's shim, or fails the step; or runc is killed
 * before or after it has done its work, and the point is runc's command.
 */
export type Action = 'exit' | 'kill' | 'shim' | 'enospc' | 'before' | 'after';

/** A berth (linux driver) whose agent obeys a fault file. */
export class Stage implements AsyncDisposable {
  readonly home: BerthHome;
  readonly #faultFile: string;
  #before: Holdings | null = null;
  #firstAddress = '';
  #crashes = 0;

  static async open(): Promise<Stage> {
    const file = path.join(os.tmpdir(), `berth-fault-${process.pid}-${stageNumber++}.json`);
    const stage = new Stage(await berthHome({ BERTH_FAULT_FILE: file }), file);
    await stage.#installRuntime();
    const up = await stage.home.run(['up', '--driver', 'linux']);
    if (up.exitCode !== 0) throw new Error(`berth up: ${String(up.stderr)}`);
    await execa('docker', ['-H', stage.home.dockerHost, 'load', '-i', sampleImage], { timeout: 60_000 });
    stage.#firstAddress = await stage.#nextAddress();
    stage.#before = await holdings(stage.home.path);
    return stage;
  }

  private constructor(home: BerthHome, faultFile: string) {
    this.home = home;
    this.#faultFile = faultFile;
  }

  /** It has had as many crashes as its supervisor puts up with. */
  get isWornOut(): boolean {
    return this.#crashes >= mostCrashes;
  }

  ask(method: string, url: string, body?: unknown): Promise<EngineAnswer> {
    const request = { method, path: `/v1.51${url}`, ...(body !== undefined && { body }) };
    return engineRequest(this.home.engineSocket, request);
  }

  async inspect(name: string): Promise<Inspected | null> {
    const { status, body } = await this.ask('GET', `/containers/${name}/json`);
    if (status === 404) return null;
    if (status !== 200) throw new Error(`inspect: ${status} ${body}`);
    return JSON.parse(body) as Inspected;
  }

  /** The next time the agent comes to the point, this happens. */
  arm(point: string, action: Action): void {
    if (action === 'exit' || action === 'kill') this.#crashes++;
    if (action === 'before' || action === 'after') return writeFileSync(this.#order, `${action} ${point}`);
    writeFileSync(this.#faultFile, JSON.stringify({ point, action, pid: this.pidOf('containerd') }));
  }

  get wasReached(): boolean {
    return !existsSync(this.#faultFile) && !existsSync(this.#order);
  }

  get #order(): string {
    return path.join(this.home.path, 'order');
  }

  /** A runc that dies when it is told to. */
  async #installRuntime(): Promise<void> {
    const file = path.join(this.home.path, 'mortal-runc');
    await writeFile(file, mortalRuntime(this.#order), { mode: 0o755 });
    const config = { runtimes: { mortal: { path: file } }, 'default-runtime': 'mortal' };
    await writeFile(path.join(this.home.path, 'daemon.json'), JSON.stringify(config));
  }

  pidOf(service: 'agent' | 'containerd'): number {
    const file = path.join(this.home.path, 'machine/run', `${service}.pid`);
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  }

  /** Until the engine and its containerd answer again. */
  async recovered(): Promise<void> {
    const answers = async () => {
      const { status } = await this.ask('GET', '/info').catch(() => ({ status: 0 }));
      return status === 200;
    };
    await until(answers, { ...patient, what: 'an answer of the engine' });
  }

  /** Rejects when anything is left of the containers that there were, with what. */
  async expectNothingLeft(): Promise<void> {
    let left: string[] = [];
    const look = async () => {
      left = leftBehind(this.#before!, await holdings(this.home.path));
      return left.length === 0;
    };
    await until(look, { timeoutMs: 20_000, what: 'cleaning up' }).catch((error: Error) => {
      throw new Error(`${error.message}: ${left.join(', ')}`);
    });
    const address = await this.#nextAddress();
    if (address !== this.#firstAddress) throw new Error(`an address was not given back: the next is ${address}`);
  }

  /** The pool hands out the lowest that is free. */
  async #nextAddress(): Promise<string> {
    const created = await this.ask('POST', '/containers/create?name=probe', {
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
    });
    const started = await this.ask('POST', '/containers/probe/start');
    if (started.status !== 204) throw new Error(`probe: ${created.body} ${started.body}`);
    const address = (await this.inspect('probe'))!.NetworkSettings.Networks['bridge']!.IPAddress;
    await this.ask('DELETE', '/containers/probe?force=1');
    return address;
  }

  /** The agent's last words, for a failure's message. */
  async agentLog(): Promise<string> {
    const text = await readFile(path.join(this.home.path, 'machine/agent.log'), 'utf8');
    return text.split('\n').slice(-8).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = await this.ask('GET', '/containers/json?all=1').catch(() => ({ body: '[]' }));
    for (const { Id } of JSON.parse(all.body) as { Id: string }[]) {
      await this.ask('DELETE', `/containers/${Id}?force=1&v=1`).catch(() => undefined);
    }
    await this.home[Symbol.asyncDispose]();
  }
}

let stageNumber = 0;

const mortalRuntime = (order: string): string => `#!/bin/sh
for argument; do
  case $argument in create | start | kill | delete | exec | pause | resume) command=$argument && break ;; esac
done
case $(cat ${order} 2>/dev/null) in
"before $command") rm ${order} && kill -9 $$ ;;
"after $command") rm ${order} && runc "$@"; kill -9 $$ ;;
esac
exec runc "$@"
`;

export interface Inspected {
  Id: string;
  RestartCount: number;
  State: { Status: string; Running: boolean; Paused: boolean; Pid: number; ExitCode: number; Error: string };
  NetworkSettings: { Networks: Record<string, { IPAddress: string }>; Ports: Record<string, unknown> };
}
