import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Container } from '../containers/container.ts';
import { ignoreMissing } from '../containers/release-task.ts';
import { ProcessStreams } from '../containers/stdio/process-streams.ts';
import type { ExecDependencies } from './dependencies.ts';

/** A process that an earlier agent started in a container: nobody can ask for it any more, but it must not block. */
export interface OrphanedExec {
  containerId: string;
  streams: ProcessStreams;
}

/** Reads what execs of an earlier agent write, and drops it: their clients left with that agent. */
export async function adoptExecs(deps: ExecDependencies, containers: readonly Container[]): Promise<void> {
  await Promise.all(containers.filter(({ task }) => task).map((container) => adoptIn(deps, container)));
}

async function adoptIn(deps: ExecDependencies, container: Container): Promise<void> {
  const { id: containerId } = container;
  for (const { execId } of await deps.tasks.pids(containerId)) {
    if (!execId || deps.execs.find(execId) || deps.execs.orphans.has(execId)) continue;
    const dir = container.paths.runDir;
    const has = (stream: string) => existsSync(path.join(dir, `${execId}-${stream}`));
    const wanted = { terminal: !has('stderr'), stdin: false, stdout: has('stdout'), stderr: has('stderr') };
    const streams = ProcessStreams.reopen({ dir, prefix: execId, ...wanted });
    deps.execs.orphans.set(execId, { containerId, streams });
  }
}

/** It has ended. Nothing happens for execs that were not adopted. */
export async function endOrphan(deps: ExecDependencies, execId: string): Promise<void> {
  const orphan = deps.execs.orphans.get(execId);
  if (!orphan) return;
  deps.execs.orphans.delete(execId);
  await ignoreMissing(deps.tasks.delete({ containerId: orphan.containerId, execId }));
  await orphan.streams[Symbol.asyncDispose]();
}

/** Their container's run is over: the event of their own end may never come. */
export async function endOrphansOf(deps: ExecDependencies, containerId: string): Promise<void> {
  for (const [execId, orphan] of deps.execs.orphans) {
    if (orphan.containerId === containerId) await endOrphan(deps, execId);
  }
}
