import { type Finding, ok, problem, warning } from '../finding.ts';

export interface DockerClientFact {
  /** What decides: a variable, the context that `docker context use` chose, or nothing. */
  chosenBy: 'DOCKER_HOST' | 'DOCKER_CONTEXT' | 'docker context use' | 'default';
  /** The variable's value or the context's name. */
  choice: string;
  /** Where that leads; null: to no context that exists. */
  host: string | null;
  /** It leads to this engine. */
  leadsHere: boolean;
}

const onWindows = process.platform === 'win32';
const point = onWindows ? '`berth up | iex` in this PowerShell' : 'eval "$(berth up)" in this shell';
const unset = (name: string) => (onWindows ? `\`Remove-Item Env:${name}\`` : `\`unset ${name}\``);

const fixes: Record<DockerClientFact['chosenBy'], string> = {
  DOCKER_HOST: `${point}, or ${unset('DOCKER_HOST')} and \`berth context use\``,
  DOCKER_CONTEXT: `${unset('DOCKER_CONTEXT')}, then \`berth context use\``,
  'docker context use': '`berth context use`',
  default: `\`berth context use\`, or ${point}`,
};

export function checkDockerClient({ chosenBy, choice, host, leadsHere }: DockerClientFact): Finding {
  const because = chosenBy === 'default' ? 'no context is chosen' : `${chosenBy}: ${choice}`;
  if (leadsHere) return ok(`docker talks to this engine (${because})`);
  if (host === null) return problem(`docker has no context to talk to (${because})`, fixes[chosenBy]);
  return warning(`docker talks to ${host} (${because})`, fixes[chosenBy]);
}
