import { SystemError } from '../../api/index.ts';
import { nameOf } from '../oci-spec/environment.ts';
import { hasTask } from '../container-state.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { bridgeAddress } from './bridge-address.ts';
import { linkName } from './link.ts';

interface ExposedPort {
  port: number;
  protocol: string;
}

type LinkParts = Pick<ContainerDependencies, 'store' | 'networks'>;

/** Variables that tell a container where its linked ones are; they all have to run. */
export function linkEnvironment(deps: LinkParts, container: Container): string[] {
  if (bridgeAddress(deps, container) === null) return [];
  return (container.record.links ?? []).flatMap((link) => {
    const name = `/${linkName(container.name, link)}`;
    const target = deps.store.find(link.targetId);
    if (!target || !hasTask(target.state)) {
      throw new SystemError(`Cannot link to a non running container: /${target?.name ?? link.targetName} AS ${name}`);
    }
    const address = bridgeAddress(deps, target);
    if (address === null) throw new SystemError(`container ${target.id} not attached to default bridge network`);
    const { Env, ExposedPorts } = target.record.config;
    return linkVariables({ name, address, env: Env ?? [], exposed: Object.keys(ExposedPorts ?? {}) });
  });
}

/** The variables of one link. `name` is '/source/alias', `exposed` are ports as '80/tcp'. */
export function linkVariables(link: { name: string; address: string; env: string[]; exposed: string[] }): string[] {
  const alias = link.name.slice(link.name.lastIndexOf('/') + 1);
  const prefix = alias.toUpperCase().replaceAll('-', '_');
  const ports = link.exposed.map(parseExposed).sort(byProtocolAndPort);
  return [
    ...portVariables(prefix, link.address, ports),
    `${prefix}_NAME=${link.name}`,
    ...link.env.filter(isPassedOn).map((entry) => `${prefix}_ENV_${entry}`),
  ];
}

const isPassedOn = (entry: string): boolean => entry.includes('=') && !['HOME', 'PATH'].includes(nameOf(entry));

function parseExposed(text: string): ExposedPort {
  const [port = '', protocol = 'tcp'] = text.split('/');
  return { port: Number(port), protocol };
}

/** TCP first, then by name; consecutive ports of one protocol stand together. */
function byProtocolAndPort(a: ExposedPort, b: ExposedPort): number {
  if (a.protocol === b.protocol) return a.port - b.port;
  if (a.protocol === 'tcp') return -1;
  if (b.protocol === 'tcp') return 1;
  return a.protocol < b.protocol ? -1 : 1;
}

function portVariables(prefix: string, address: string, ports: readonly ExposedPort[]): string[] {
  const [first] = ports;
  if (!first) return [];
  const url = ({ port, protocol }: ExposedPort) => `${protocol}://${address}:${port}`;
  const nameFor = ({ port, protocol }: ExposedPort) => `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
  const variables = [`${prefix}_PORT=${url(first)}`];
  let start = first;
  let end = first;
  ports.forEach((exposed, index) => {
    const name = nameFor(exposed);
    variables.push(
      `${name}=${url(exposed)}`,
      `${name}_ADDR=${address}`,
      `${name}_PORT=${exposed.port}`,
      `${name}_PROTO=${exposed.protocol}`,
    );
    if (exposed.port === end.port + 1 && exposed.protocol === start.protocol) {
      end = exposed;
      if (index < ports.length - 1) return;
    }
    if (end !== start) {
      const range = nameFor(start);
      variables.push(
        `${range}_START=${url(start)}`,
        `${range}_PORT_START=${start.port}`,
        `${range}_END=${url(end)}`,
        `${range}_PORT_END=${end.port}`,
      );
    }
    start = exposed;
    end = exposed;
  });
  return variables;
}
