import { distinct } from './schedule.ts';
import type { Answer } from './verbs.ts';

/** Per verb, `status text` as a real dockerd has answered it. */
export type KnownAnswers = Readonly<Record<string, readonly string[]>>;

/**
 * What containerd, its shim and runc say of a container that ends under their hands depends on the moment and on their
 * versions; dockerd passes it on as it is.
 */
function general(verb: string, text: string): string {
  if (verb === 'exec') return text.replace(/^(400|500) .*/, '500 of the runtime');
  return text.replace(/^(500 (cannot pause|Cannot unpause|Cannot update) container ID): .*/, '$1');
}

/** By the source: the reference was never caught at it. */
const rare: KnownAnswers = {
  exec: ['409 Container NAME is restarting, wait until the container is running'],
  start: ['304'],
};

/** Answers that dockerd could not have given. */
export function unexpected(answers: readonly Answer[], known: KnownAnswers): string[] {
  return Object.entries(distinct(answers)).flatMap(([verb, texts]) => {
    const allowed = [...(known[verb] ?? []), ...(rare[verb] ?? [])].map((text) => general(verb, text));
    return texts.filter((text) => !allowed.includes(general(verb, text))).map((text) => `${verb}: ${text}`);
  });
}
