import { contextName } from './context-store.ts';

/** What the environment tells the stock CLI; null: nothing. */
export interface DockerVariables {
  dockerHost: string | null;
  dockerContext: string | null;
}

/**
 * The variable that makes the stock CLI ignore the chosen context and leads elsewhere than to `dockerHost`, in one
 * line; null when there is none. DOCKER_HOST counts before DOCKER_CONTEXT.
 */
export function overrideNote(variables: DockerVariables, dockerHost: string): string | null {
  if (variables.dockerHost === dockerHost) return null;
  if (variables.dockerHost !== null) return noteOn('DOCKER_HOST', variables.dockerHost);
  if (variables.dockerContext === null || variables.dockerContext === contextName) return null;
  return noteOn('DOCKER_CONTEXT', variables.dockerContext);
}

function noteOn(name: string, value: string): string {
  return `${name} is ${value}: docker follows that, whatever \`docker context use ${contextName}\` chose, until \`unset ${name}\``;
}
