import { realpath, stat } from 'node:fs/promises';
import type { OtherEngineFact } from '../checks/other-engine.ts';
import type { DoctorHost } from '../host.ts';
import { pingEngine } from './ping.ts';

/** Where the stock CLI looks when nothing is chosen. */
export const defaultSocket = '/var/run/docker.sock';

export async function otherEngineFact({ paths }: DoctorHost): Promise<OtherEngineFact> {
  const fact = { socket: defaultSocket, server: null, dockerHost: paths.dockerHost };
  const there = await stat(defaultSocket).catch(() => null);
  if (!there) return { ...fact, state: 'absent' };
  if ((await realpath(defaultSocket)) === (await realpath(paths.engineSocket).catch(() => null))) {
    return { ...fact, state: 'ours' };
  }
  const server = await pingEngine(defaultSocket);
  return server === null ? { ...fact, state: 'silent' } : { ...fact, state: 'answers', server };
}
