import type { ContainerRow, ImageRow, VolumeRow } from './engine.ts';
import type { NamedFinding } from './findings.ts';
import type { ApplyAnswer, EngineConfigAnswer, SettingsAnswer, SettingsContent, SettingsVerdict } from './settings.ts';
import type { TextProblem } from './settings.ts';
import type { MachineStatus, StartRequest } from './status.ts';

/** The control API's calls. A GET takes its request as the query, a POST as a JSON body. */
export const operations = {
  status: { method: 'GET', path: '/v1/status' },
  start: { method: 'POST', path: '/v1/start' },
  stop: { method: 'POST', path: '/v1/stop' },
  restart: { method: 'POST', path: '/v1/restart' },
  doctor: { method: 'GET', path: '/v1/doctor' },
  'settings.get': { method: 'GET', path: '/v1/settings' },
  'settings.validate': { method: 'POST', path: '/v1/settings/validate' },
  'settings.apply': { method: 'POST', path: '/v1/settings/apply' },
  'settings.startAtLogin': { method: 'POST', path: '/v1/settings/start-at-login' },
  'engineConfig.get': { method: 'GET', path: '/v1/engine-config' },
  'engineConfig.validate': { method: 'POST', path: '/v1/engine-config/validate' },
  'engineConfig.apply': { method: 'POST', path: '/v1/engine-config/apply' },
  'containers.list': { method: 'GET', path: '/v1/containers' },
  'containers.start': { method: 'POST', path: '/v1/containers/start' },
  'containers.stop': { method: 'POST', path: '/v1/containers/stop' },
  'containers.restart': { method: 'POST', path: '/v1/containers/restart' },
  'containers.unpause': { method: 'POST', path: '/v1/containers/unpause' },
  'containers.remove': { method: 'POST', path: '/v1/containers/remove' },
  'images.list': { method: 'GET', path: '/v1/images' },
  'images.remove': { method: 'POST', path: '/v1/images/remove' },
  'volumes.list': { method: 'GET', path: '/v1/volumes' },
  'volumes.remove': { method: 'POST', path: '/v1/volumes/remove' },
} as const;

export type OperationName = keyof typeof operations;

type Nothing = Record<string, never>;
interface Target {
  id: string;
}

export interface OperationTypes {
  status: { request: Nothing; response: MachineStatus };
  /** Answers once the engine does. Whoever leaves earlier leaves the start alone. */
  start: { request: StartRequest; response: MachineStatus };
  /** Ends containers, each within its own stop timeout, and the machine. */
  stop: { request: Nothing; response: MachineStatus };
  restart: { request: Nothing; response: MachineStatus };
  doctor: { request: Nothing; response: readonly NamedFinding[] };
  'settings.get': { request: Nothing; response: SettingsAnswer };
  /** A dry run: changes nothing. */
  'settings.validate': { request: { settings: SettingsContent }; response: SettingsVerdict };
  /**
   * Replaces the whole file. `restart`: the running machine takes it up at once. `base`: what the file said when it was
   * read; refused when it says something else by now. Left out: whatever it says.
   */
  'settings.apply': {
    request: { settings: SettingsContent; restart: boolean; base?: SettingsContent };
    response: ApplyAnswer;
  };
  /** Takes effect with the next login. */
  'settings.startAtLogin': { request: { enabled: boolean }; response: Nothing };
  'engineConfig.get': { request: Nothing; response: EngineConfigAnswer };
  'engineConfig.validate': { request: { text: string }; response: readonly TextProblem[] };
  /** Refused when the file no longer holds `base`, the text that was changed. */
  'engineConfig.apply': { request: { text: string; base: string; restart: boolean }; response: ApplyAnswer };
  /** `id`: only that one, if it is there. */
  'containers.list': { request: { id?: string }; response: readonly ContainerRow[] };
  'containers.start': { request: Target; response: Nothing };
  'containers.stop': { request: Target; response: Nothing };
  'containers.restart': { request: Target; response: Nothing };
  'containers.unpause': { request: Target; response: Nothing };
  /** `force`: also one that runs. */
  'containers.remove': { request: Target & { force: boolean }; response: Nothing };
  'images.list': { request: Nothing; response: readonly ImageRow[] };
  'images.remove': { request: Target & { force: boolean }; response: Nothing };
  'volumes.list': { request: Nothing; response: readonly VolumeRow[] };
  'volumes.remove': { request: { name: string }; response: Nothing };
}

export type OperationRequest<Name extends OperationName> = OperationTypes[Name]['request'];
export type OperationResponse<Name extends OperationName> = OperationTypes[Name]['response'];

/** The request line of a call: path with query, and the body (null: none). */
export function requestOf<Name extends OperationName>(
  name: Name,
  request: OperationRequest<Name>,
): { method: 'GET' | 'POST'; path: string; body: string | null } {
  const { method, path } = operations[name];
  if (method === 'POST') return { method, path, body: JSON.stringify(request) };
  return { method, path: withQuery(path, request), body: null };
}

/** A path with what is not undefined as its query. */
export function withQuery(path: string, values: object): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return query === '' ? path : `${path}?${query}`;
}
