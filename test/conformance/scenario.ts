import type { EngineRequest } from '../helpers/engine-request.ts';

export interface Step extends EngineRequest {
  /** Keeps `field` of the JSON answer, if it has one, as {name} for the paths and bodies of later steps. */
  save?: { name: string; field: string };
  /** Only these parts of the JSON answer are compared ('HostConfig.Memory'). */
  pick?: string[];
  /** Not sent unless an earlier step has saved this. */
  needs?: string;
  /** What kind of answer it is: one JSON document or text unless said. */
  kind?: 'stream' | 'tar';
  /** The answer is not compared; the step only brings about a state. */
  silent?: boolean;
}

/** Requests that are sent in order to a real dockerd (recorded) and to berth (compared). */
export interface Scenario {
  name: string;
  /** It talks to a registry of its own, as {registry}. */
  usesRegistry?: boolean;
  steps: Step[];
}

export const get = (path: string, more: Partial<Step> = {}): Step => ({ method: 'GET', path, ...more });
export const post = (path: string, body?: unknown, more: Partial<Step> = {}): Step => ({
  method: 'POST',
  path,
  ...(body !== undefined && { body }),
  ...more,
});
export const del = (path: string, more: Partial<Step> = {}): Step => ({ method: 'DELETE', path, ...more });
