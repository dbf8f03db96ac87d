import { distinct } from './schedule.ts';
import type { Answer } from './verbs.ts';

/** Per verb, `status text` as a real dockerd has answered it. */
export type KnownAnswers = Readonly<Record<string, readonly string[]>>;

/** Which of its steps runc was at differs from run to run; dockerd passes its words on as they are. */
const runtime = /^(400|500) (.*)OCI runtime (exec|pause|resume|update) failed: .*$/;
const general = (text: string): string => text.replace(runtime, '$1 $2OCI runtime $3 failed');

/** By the source: the reference was never caught at it. */
const rare: KnownAnswers = {
  exec: ['409 Container NAME is restarting, wait until the container is running'],
  pause: ['500 cannot pause container ID: OCI runtime pause failed'],
  start: ['304'],
};

/** Answers that dockerd could not have given. */
export function unexpected(answers: readonly Answer[], known: KnownAnswers): string[] {
  return Object.entries(distinct(answers)).flatMap(([verb, texts]) => {
    const allowed = [...(known[verb] ?? []), ...(rare[verb] ?? [])].map(general);
    return texts.filter((text) => !allowed.includes(general(text))).map((text) => `${verb}: ${text}`);
  });
}
