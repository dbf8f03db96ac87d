import { engineRequest } from '../helpers/engine-request.ts';
import { startRealRegistry } from '../integration/images/registry.ts';
import { normalise } from './normalise.ts';
import { readProgress, readTar } from './special-answers.ts';
import type { Scenario, Step } from './scenario.ts';

/** What a step was answered, as it is recorded and compared. */
export interface Answer {
  request: string;
  status: number;
  contentType: string;
  body: unknown;
}

/** Sends a scenario's steps to an engine; answers the normalised answers of those that count. */
export async function play(socketPath: string, scenario: Scenario): Promise<Answer[]> {
  await using registry = scenario.usesRegistry ? await startRealRegistry() : undefined;
  const saved: Record<string, string> = registry ? { registry: registry.host } : {};
  const answers: Answer[] = [];
  for (const step of scenario.steps) {
    const request = `${step.method} ${step.path}`;
    if (step.needs !== undefined && saved[step.needs] === undefined) {
      answers.push({ request, status: 0, contentType: '', body: 'not sent' });
      continue;
    }
    const ask = fill(step, saved);
    const answer = await engineRequest(socketPath, { timeoutMs: 10_000, ...ask });
    keep(step, answer.body, saved);
    if (step.silent) continue;
    const { status, contentType } = answer;
    const text = registry ? answer.body.replaceAll(registry.host, '<registry>') : answer.body;
    const body = step.kind === undefined ? normalise(text) : await readers[step.kind](text);
    answers.push({ request, status, contentType, body: step.pick ? picked(body, step.pick) : body });
  }
  return answers;
}

const readers = { stream: readProgress, tar: readTar };

function keep({ save }: Step, body: string, saved: Record<string, string>): void {
  if (!save) return;
  const value = (JSON.parse(body) as Record<string, unknown>)[save.field];
  if (value !== undefined) saved[save.name] = String(value);
}

/** The parts of an answer that a step is about. dockerd's mounts come in any order. */
function picked(body: unknown, paths: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(paths.map((path) => [path, sorted(part(body, path))]));
}

const part = (body: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);

const sorted = (value: unknown): unknown =>
  Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null && 'Destination' in item)
    ? value.toSorted((a, b) => (String(a.Destination) < String(b.Destination) ? -1 : 1))
    : value;

function fill(step: Step, saved: Record<string, string>): Step {
  const replace = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => saved[name] ?? whole);
  const body =
    typeof step.body === 'object' && step.body !== null ? JSON.parse(replace(JSON.stringify(step.body))) : step.body;
  return { ...step, path: replace(step.path), body };
}
