import { engineRequest } from '../helpers/engine-request.ts';
import { normalise } from './normalise.ts';
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
  const saved: Record<string, string> = {};
  const answers: Answer[] = [];
  for (const step of scenario.steps) {
    const ask = fill(step, saved);
    const answer = await engineRequest(socketPath, { timeoutMs: 10_000, ...ask });
    if (step.save)
      saved[step.save.name] = String((JSON.parse(answer.body) as Record<string, unknown>)[step.save.field]);
    if (step.silent) continue;
    const { status, contentType } = answer;
    answers.push({ request: `${step.method} ${step.path}`, status, contentType, body: normalise(answer.body) });
  }
  return answers;
}

function fill(step: Step, saved: Record<string, string>): Step {
  const replace = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => saved[name] ?? whole);
  return { ...step, path: replace(step.path) };
}
