import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';

/** A running container's address on the default bridge; null where it is not on it. */
export function bridgeAddress({ networks }: Pick<ContainerDependencies, 'networks'>, { id }: Container): string | null {
  const bridge = networks.findMaybe('bridge');
  const endpoint = networks.sandboxOf(id)?.endpoints.find(({ networkId }) => networkId === bridge?.id);
  return endpoint && endpoint.ipAddress !== '' ? endpoint.ipAddress : null;
}
