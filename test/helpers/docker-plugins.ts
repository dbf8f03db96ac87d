import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { DockerResult } from './berth.ts';

const plugins = path.resolve(import.meta.dirname, '../out/cli-plugins');

/** Are buildx and compose there? `scripts/setup --tests` fetches them. */
export const hasPlugins: boolean = ['docker-buildx', 'docker-compose'].every((name) =>
  existsSync(path.join(plugins, name)),
);

/** The stock CLI with buildx and compose, and a folder of its own to build in. */
export interface DockerWithPlugins extends AsyncDisposable {
  readonly folder: string;
  /** Runs in the folder; never rejects. */
  docker(...args: string[]): Promise<DockerResult>;
  /** Writes files below the folder, by their paths. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

const longestCommandMs = 60_000;

export async function openDockerWithPlugins(dockerHost: string): Promise<DockerWithPlugins> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-plugins-'));
  const [folder, config] = [path.join(scratch, 'work'), path.join(scratch, 'config')];
  await Promise.all([mkdir(folder), mkdir(config)]);
  await writeFile(path.join(config, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins] }));
  const env = { DOCKER_HOST: dockerHost, DOCKER_CONFIG: config, DOCKER_CLI_HINTS: 'false' };
  return {
    folder,
    async docker(...args) {
      const options = { env, cwd: folder, reject: false, timeout: longestCommandMs, forceKillAfterDelay: 500 } as const;
      const { stdout, stderr, exitCode } = await execa('docker', args, { ...options, stdin: 'ignore' });
      return { stdout, stderr, exitCode };
    },
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), content);
      }
    },
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}
