import { del, get, post, type Scenario, type Step } from '../../scenario.ts';
import { configCases } from './config-cases.ts';
import { hostConfigCases } from './host-config-cases.ts';
import { mountCases } from './mount-cases.ts';
import type { OptionCase } from './option-case.ts';
import { resourceCases } from './resource-cases.ts';
import { started } from './started.ts';

const plain = { Image: 'busybox:latest', Cmd: ['sleep', '1000'] };

/** What inspect shows of the fields that a case is about. */
function shown(body: OptionCase['body']): string[] {
  if (typeof body === 'string') return ['HostConfig.Memory'];
  const { HostConfig, NetworkingConfig: _networking, ...config } = body as Record<string, object>;
  return [
    ...Object.keys(config).map((field) => `Config.${field}`),
    ...Object.keys(HostConfig ?? {}).map((field) => `HostConfig.${field}`),
    ...['Config.MacAddress', 'Path', 'Args', 'Mounts', 'State.Error', 'State.ExitCode'],
  ];
}

function stepsOf({ name, body }: OptionCase): Step[] {
  const path = `/v1.51/containers/cf-${name}`;
  const needs = { needs: name };
  const inspect = get(`${path}/json`, { ...needs, pick: shown(body) });
  return [
    post(`/v1.51/containers/create?name=cf-${name}`, typeof body === 'string' ? body : { ...plain, ...body }, {
      save: { name, field: 'Id' },
    }),
    inspect,
    ...(started.has(name) ? [post(`${path}/start`, undefined, needs), inspect] : []),
    del(`${path}?force=1&v=1`, { silent: true }),
  ];
}

/** Every field of a create request, with values that dockerd takes and values that it refuses. */
export const optionScenarios: Scenario[] = [
  { name: 'options-config', steps: configCases.flatMap(stepsOf) },
  { name: 'options-host-config', steps: hostConfigCases.flatMap(stepsOf) },
  { name: 'options-resources', steps: resourceCases.flatMap(stepsOf) },
  { name: 'options-mounts', steps: mountCases.flatMap(stepsOf) },
];
