import { realpath, stat } from 'node:fs/promises';
import { systemSocket } from '../../config/docker-places.ts';
import type { OtherEngineFact } from '../checks/other-engine.ts';
import type { DoctorHost } from '../host.ts';
import { pingEngine } from './ping.ts';

export async function otherEngineFact({ paths }: DoctorHost): Promise<OtherEngineFact> {
  const fact = { socket: systemSocket, server: null, dockerHost: paths.dockerHost };
  const there = await stat(systemSocket).catch(() => null);
  if (!there) return { ...fact, state: 'absent' };
  if ((await realpath(systemSocket)) === (await realpath(paths.engineSocket).catch(() => null))) {
    return { ...fact, state: 'ours' };
  }
  const server = await pingEngine(systemSocket);
  return server === null ? { ...fact, state: 'silent' } : { ...fact, state: 'answers', server };
}
