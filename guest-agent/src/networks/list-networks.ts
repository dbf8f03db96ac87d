import { type Filters, hasLabel } from '../api/engine/filters.ts';
import { InvalidParameterError, SystemError } from '../api/index.ts';
import type { NetworkService } from './network-service.ts';
import { type NetworkRecord, predefined } from './network.ts';

const accepted = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

export function listNetworks(networks: NetworkService, filters: Filters): NetworkRecord[] {
  filters.validate(accepted);
  checkType(filters.get('type'));
  checkDangling(filters.get('dangling'));
  return networks.store.list().filter((network) => matches(network, filters, networks));
}

function checkType(values: readonly string[]): void {
  const wrong = values.find((value) => value !== 'custom' && value !== 'builtin');
  if (wrong !== undefined) throw new SystemError(`invalid filter: 'type'='${wrong}'`);
}

function checkDangling(values: readonly string[]): void {
  if (values.every((value) => ['true', '1', 'false', '0'].includes(value))) return;
  throw new InvalidParameterError(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
}

function matches(network: NetworkRecord, filters: Filters, networks: NetworkService): boolean {
  const oneOf = (name: string, test: (value: string) => boolean) => !filters.has(name) || filters.get(name).some(test);
  const isOwn = !predefined.has(network.name);
  const isUsed = () => networks.endpointsIn(network.id).length > 0;
  return (
    oneOf('driver', (value) => network.driver === value) &&
    oneOf('id', (value) => network.id.startsWith(value)) &&
    oneOf('name', (value) => network.name.includes(value)) &&
    oneOf('scope', (value) => value === 'local') &&
    oneOf('type', (value) => value === (isOwn ? 'custom' : 'builtin')) &&
    (!filters.has('dangling') || filters.flag('dangling', false) === (isOwn && !isUsed())) &&
    filters.get('label').every((label) => hasLabel(network.labels, label))
  );
}
