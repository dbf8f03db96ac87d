import { setTimeout as sleep } from 'node:timers/promises';
import { execCreateRequest } from '../../api/engine/requests.ts';
import { createExec } from '../../exec/create-exec.ts';
import type { ExecDependencies } from '../../exec/dependencies.ts';
import type { Exec } from '../../exec/exec.ts';
import { reconcileExec } from '../../exec/reconcile-execs.ts';
import { claimExec, launchExec } from '../../exec/start-exec.ts';
import type { Container } from '../container.ts';
import { ignoreMissing } from '../release-task.ts';
import type { HealthCheck } from './health.ts';
import { goDuration } from './go-duration.ts';
import { LimitedOutput } from './limited-output.ts';

export interface ProbeResult {
  exitCode: number;
  output: string;
}

/** Runs a check once; never rejects. An abort ends it early. */
export type RunProbe = (container: Container, check: HealthCheck, signal: AbortSignal) => Promise<ProbeResult>;

const termSignal = 15;
const killSignal = 9;
/** For a check that has been told to end. */
const graceMs = 10_000;

/** Runs checks as execs in the container, with the events that an exec has. */
export function probeRunner(deps: ExecDependencies): RunProbe {
  return async (container, check, signal) => {
    const output = new LimitedOutput();
    try {
      return await probe(deps, { container, check, signal, output });
    } catch (error) {
      return { exitCode: -1, output: (error as Error).message };
    }
  };
}

interface Probe {
  container: Container;
  check: HealthCheck;
  signal: AbortSignal;
  output: LimitedOutput;
}

async function probe(deps: ExecDependencies, { container, check, signal, output }: Probe): Promise<ProbeResult> {
  const request = { ...execCreateRequest.zero(), Cmd: check.command, AttachStdout: true, AttachStderr: true };
  const exec = await createExec(deps, { container, reference: container.id }, request);
  claimExec(exec);
  const streams = await launchExec(deps, exec, {
    choice: { tty: false, consoleSize: null },
    onStreams: (opened) => opened.output.subscribe(output),
  });
  const over = new AbortController();
  const early = sleep(check.timeoutMs, false, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => false);
  const ended = Promise.all([exec.exited, streams.ended]).then(() => true);
  const inTime = await Promise.race([ended, early]);
  over.abort();
  if (inTime) return { exitCode: exec.exitCode ?? -1, output: output.text() };
  await endExec(deps, exec);
  const text = output.text();
  const exceeded = `Health check exceeded timeout (${goDuration(check.timeoutMs)})`;
  return { exitCode: -1, output: text === '' ? exceeded : `${exceeded}: ${text}` };
}

/** Waits for the end, so that checks that hang do not pile up. */
async function endExec(deps: ExecDependencies, exec: Exec): Promise<void> {
  const send = async (signal: number) => {
    await ignoreMissing(deps.tasks.kill({ containerId: exec.container.id, execId: exec.id, signal }));
    // It may have ended while nobody heard of it.
    await reconcileExec(deps, exec);
  };
  await send(termSignal);
  const over = new AbortController();
  const patience = sleep(graceMs, false, { signal: over.signal }).catch(() => false);
  const ended = await Promise.race([exec.exited.then(() => true), patience]);
  over.abort();
  if (ended) return;
  await send(killSignal);
  await exec.exited;
}
