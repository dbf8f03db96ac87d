import { type Finding, ok, warning } from '../finding.ts';

export interface OtherEngineFact {
  /** Where programs look that know neither DOCKER_HOST nor contexts. */
  socket: string;
  /** `silent`: the file is there, and nobody answers; `ours`: it leads to this engine. */
  state: 'absent' | 'ours' | 'silent' | 'answers';
  /** What the one that answers calls itself. */
  server: string | null;
  /** What DOCKER_HOST has to be for this engine. */
  dockerHost: string;
}

export function checkOtherEngine({ socket, state, server, dockerHost }: OtherEngineFact): Finding {
  if (state === 'absent') return ok(`no other engine at ${socket}`);
  if (state === 'ours') return ok(`${socket} leads to this engine`);
  if (state === 'silent') {
    return warning(
      `${socket} is there, but nobody answers on it (or not to you)`,
      `start or remove the engine it belongs to, or set DOCKER_HOST=${dockerHost}`,
    );
  }
  return warning(
    `another engine${server ? ` (${server})` : ''} serves ${socket}`,
    `programs that look only there reach that one: give them DOCKER_HOST=${dockerHost}, or stop it`,
  );
}
