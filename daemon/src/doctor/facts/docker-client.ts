import { realpath } from 'node:fs/promises';
import { defaultEngine } from '../../config/docker-places.ts';
import { dockerHostOf } from '../../config/engine-address.ts';
import { dockerConfigDir, findContext, noContext } from '../../docker-context/context-store.ts';
import { readCurrentContext } from '../../docker-context/current-context.ts';
import type { DockerClientFact } from '../checks/docker-client.ts';
import type { DoctorHost } from '../host.ts';

type Choice = Pick<DockerClientFact, 'chosenBy' | 'choice'>;

export async function dockerClientFact({ paths, environment }: DoctorHost): Promise<DockerClientFact> {
  const configDir = dockerConfigDir(environment.dockerConfig);
  const chosen = await choiceOf(environment, configDir);
  const host = chosen.chosenBy === 'DOCKER_HOST' ? chosen.choice : await hostOf(configDir, chosen.choice);
  const leadsHere = host !== null && (await isSame(host, paths));
  return { ...chosen, host, leadsHere };
}

/** The stock CLI's order. */
async function choiceOf(environment: DoctorHost['environment'], configDir: string): Promise<Choice> {
  const { dockerHost, dockerContext } = environment;
  if (dockerHost !== null) return { chosenBy: 'DOCKER_HOST', choice: dockerHost };
  if (dockerContext !== null) return { chosenBy: 'DOCKER_CONTEXT', choice: dockerContext };
  const current = await readCurrentContext(configDir);
  return current === null
    ? { chosenBy: 'default', choice: noContext }
    : { chosenBy: 'docker context use', choice: current };
}

async function hostOf(configDir: string, name: string): Promise<string | null> {
  if (name === noContext) return dockerHostOf(defaultEngine);
  const found = await findContext(configDir, name);
  return found.kind === 'absent' ? null : found.host;
}

/** Links count, since people link docker's default socket to another engine's. */
async function isSame(host: string, { dockerHost, engineSocket: socket }: DoctorHost['paths']): Promise<boolean> {
  const resolved = (file: string) => realpath(file).catch(() => file);
  if (!host.startsWith('unix://')) return host === dockerHost;
  return (await resolved(host.slice('unix://'.length))) === (await resolved(socket));
}
