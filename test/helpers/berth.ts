import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';

const repository = path.resolve(import.meta.dirname, '../..');
const cli = path.join(repository, 'daemon/bin/berth.js');
export const sampleImage: string = path.join(repository, 'vm-images/out/sample-busybox.tar');

/** A processor that is not this host's, as platforms and programs name it, and the sample image for it. */
export const otherProcessor: { platform: string; machine: string; sampleImage: string } =
  process.arch === 'arm64' ? processor('amd64', 'x86_64') : processor('arm64', 'aarch64');

/** Is there a BuildKit? scripts/setup builds it where there is a Go. */
export const hasBuildKit: boolean = ['buildkitd', 'context-session', 'step-network'].every((program) =>
  existsSync(path.join(path.dirname(sampleImage), 'programs', program)),
);

function processor(architecture: string, machine: string) {
  const file = path.join(path.dirname(sampleImage), `sample-busybox-${architecture}.tar`);
  return { platform: `linux/${architecture}`, machine, sampleImage: file };
}

export type DriverName = 'linux' | 'qemu' | 'wsl2';

/** A berth of its own for a test file: home, machine and engine; disposing it takes everything down. */
export interface Berth extends AsyncDisposable {
  readonly home: string;
  readonly socketPath: string;
  readonly dockerHost: string;
  /** `berth …` with this home. */
  berth(...args: string[]): Promise<BerthResult>;
  /** The same with more in its environment. */
  berthWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<BerthResult>;
  /** The stock docker CLI on this engine; never rejects. */
  docker(args: string[], options?: { input?: string; timeoutMs?: number }): Promise<DockerResult>;
}

export type BerthResult = DockerResult;

export interface DockerResult {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

export interface BerthOptions {
  /** The sample image is there: yes, if absent. */
  loadSample?: boolean;
  /** Where its home is made: the system's folder for temporary files, if absent. */
  parent?: string;
  /** What it is configured with. */
  daemonJson?: object;
  /** What its settings.json says. */
  settings?: object;
  /** More of what `berth up` is told. */
  upOptions?: readonly string[];
}

export async function startBerth(
  driver: DriverName,
  { loadSample = true, parent = os.tmpdir(), daemonJson, settings, upOptions = [] }: BerthOptions = {},
): Promise<Berth> {
  const home = await mkdtemp(path.join(parent, 'berth-'));
  const socketPath = path.join(home, 'docker.sock');
  const dockerHost = `unix://${socketPath}`;
  const runWith = async (env: Readonly<Record<string, string>>, ...args: string[]) => {
    const { stdout, stderr, exitCode } = await execa(process.execPath, [cli, ...args, '--home', home], {
      ...{ reject: false, env },
    });
    return { stdout, stderr, exitCode };
  };
  const run = (...args: string[]) => runWith({}, ...args);
  const berth: Berth = {
    ...{ home, socketPath, dockerHost, berth: run, berthWith: runWith },
    docker: (args, { input = '', timeoutMs = 60_000 } = {}) => runDocker(dockerHost, args, { input, timeoutMs }),
    async [Symbol.asyncDispose]() {
      const containers = (await berth.docker(['ps', '-aq'])).stdout.split('\n').filter((id) => id !== '');
      if (containers.length > 0) await berth.docker(['rm', '-f', ...containers]);
      await run('down');
      await rm(home, { recursive: true, force: true });
    },
  };
  if (daemonJson) await writeFile(path.join(home, 'daemon.json'), JSON.stringify(daemonJson));
  if (settings) await writeFile(path.join(home, 'settings.json'), JSON.stringify(settings));
  const up = await run('up', '--driver', driver, ...upOptions);
  if (up.exitCode !== 0) throw new Error(`berth up: ${up.stderr}`);
  if (loadSample) {
    const loaded = await berth.docker(['load', '-i', sampleImage]);
    if (loaded.exitCode !== 0) throw new Error(`docker load: ${loaded.stderr}`);
  }
  return berth;
}

export async function runDocker(
  dockerHost: string,
  args: string[],
  options: { input: string; timeoutMs: number },
): Promise<DockerResult> {
  const { stdout, stderr, exitCode } = await execa('docker', args, {
    reject: false,
    input: options.input,
    timeout: options.timeoutMs,
    forceKillAfterDelay: 500,
    env: { DOCKER_HOST: dockerHost, DOCKER_CLI_HINTS: 'false' },
  });
  return { stdout, stderr, exitCode };
}

/** Process id of a linux driver's agent. */
export function agentPid(home: string): number {
  return servicePid(home, 'agent');
}

export function servicePid(home: string, service: 'agent' | 'containerd'): number {
  const file = readFileSync(path.join(home, `machine/run/${service}.pid`), 'utf8');
  return (JSON.parse(file) as { pid: number }).pid;
}
