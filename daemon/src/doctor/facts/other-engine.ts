import { realpath, stat } from 'node:fs/promises';
import { defaultEngine } from '../../config/docker-places.ts';
import { isPipe } from '../../config/engine-address.ts';
import type { OtherEngineFact } from '../checks/other-engine.ts';
import type { DoctorHost } from '../host.ts';
import { pingEngine } from './ping.ts';

export async function otherEngineFact({ paths }: DoctorHost): Promise<OtherEngineFact> {
  const fact = { socket: defaultEngine, server: null, dockerHost: paths.dockerHost };
  if (isPipe(defaultEngine)) return { ...fact, ...(await atPipe(defaultEngine)) };
  const there = await stat(defaultEngine).catch(() => null);
  if (!there) return { ...fact, state: 'absent' };
  if ((await realpath(defaultEngine)) === (await realpath(paths.engineSocket).catch(() => null))) {
    return { ...fact, state: 'ours' };
  }
  const server = await pingEngine(defaultEngine);
  return server === null ? { ...fact, state: 'silent' } : { ...fact, state: 'answers', server };
}

/** A pipe leads nowhere: whose it is tells only who answers. */
async function atPipe(pipe: string): Promise<Pick<OtherEngineFact, 'state' | 'server'>> {
  const server = await pingEngine(pipe);
  if (server === null) return { state: 'absent', server };
  return { state: server.startsWith('berth/') ? 'ours' : 'answers', server };
}
