import path from 'node:path';
import type { HealthConfig } from '../api/engine/container-config.ts';
import { InvalidParameterError } from '../api/errors.ts';
import { healthcheckOf } from './change-healthcheck.ts';
import { oneWord, splitWords, variablesOf } from './change-words.ts';
import type { ImageRuntimeConfig } from './oci.ts';

type Change = (config: ImageRuntimeConfig, rest: string) => void;

/** The Dockerfile instructions that `import --change` and `commit --change` take. */
const changes: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => void (config.Cmd = commandOf(rest)),
  ENTRYPOINT: (config, rest) => void (config.Entrypoint = commandOf(rest)),
  ENV: (config, rest) => pairsOf('ENV', rest, config).forEach(([name, value]) => setEnv(config, name, value)),
  EXPOSE: (config, rest) => expose(config, words('EXPOSE', rest, config)),
  HEALTHCHECK: (config, rest) => void (config.Healthcheck = healthcheckOf(rest) as HealthConfig),
  LABEL: (config, rest) =>
    void (config.Labels = { ...config.Labels, ...Object.fromEntries(pairsOf('LABEL', rest, config)) }),
  ONBUILD: (config, rest) => void (config.OnBuild = [...(config.OnBuild ?? []), onBuildOf(rest)]),
  STOPSIGNAL: (config, rest) => void (config.StopSignal = exactlyOne('STOPSIGNAL', rest, config)),
  USER: (config, rest) => void (config.User = exactlyOne('USER', rest, config)),
  VOLUME: (config, rest) => addVolumes(config, volumesIn(rest, config)),
  WORKDIR: (config, rest) =>
    void (config.WorkingDir = path.posix.resolve(config.WorkingDir || '/', exactlyOne('WORKDIR', rest, config))),
};

/** Applies instructions, one a text, to a copy of `config`. InvalidParameterError with Docker's texts. */
export function applyChanges(config: ImageRuntimeConfig, instructions: readonly string[]): ImageRuntimeConfig {
  const changed = structuredClone(config);
  for (const instruction of instructions) {
    const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(instruction) ?? [];
    const keyword = name.toUpperCase();
    if (keyword === '') continue;
    const change = Object.hasOwn(changes, keyword) ? changes[keyword] : undefined;
    if (!change) throw new InvalidParameterError(`${keyword} is not a valid change command`);
    change(changed, rest.trim());
  }
  return changed;
}

/** A JSON list is the command itself; anything else goes to a shell. */
export function commandOf(rest: string): string[] {
  const list = jsonList(rest);
  if (list) return list;
  return rest === '' ? [] : ['/bin/sh', '-c', rest];
}

function jsonList(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(rest);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string') ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function words(name: string, rest: string, config: ImageRuntimeConfig): string[] {
  const list = splitWords(rest, variablesOf(config.Env));
  if (list.length === 0) throw new InvalidParameterError(`${name} requires at least one argument`);
  return list;
}

function exactlyOne(name: string, rest: string, config: ImageRuntimeConfig): string {
  const [only] = splitWords(rest, variablesOf(config.Env));
  if (only === undefined) throw new InvalidParameterError(`${name} requires exactly one argument`);
  return only;
}

/** `a=b "c d"=e`, or the older `a b c` for one pair. */
function pairsOf(name: string, rest: string, config: ImageRuntimeConfig): Array<[string, string]> {
  const [first, ...more] = words(name, rest, config);
  if (first === undefined || !first.includes('=')) {
    if (more.length === 0) throw new InvalidParameterError(`${name} must have two arguments`);
    return [[first ?? '', oneWord(rest.slice(rest.search(/\s/)).trim(), variablesOf(config.Env))]];
  }
  return [first, ...more].map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 0) {
      throw new InvalidParameterError(
        `Syntax error - can't find = in ${JSON.stringify(pair)}. Must be of the form: name=value`,
      );
    }
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}

function setEnv(config: ImageRuntimeConfig, name: string, value: string): void {
  if (name === '') throw new InvalidParameterError('ENV names can not be blank');
  const others = (config.Env ?? []).filter((entry) => !entry.startsWith(`${name}=`));
  const index = (config.Env ?? []).findIndex((entry) => entry.startsWith(`${name}=`));
  config.Env = others.toSpliced(index < 0 ? others.length : index, 0, `${name}=${value}`);
}

function expose(config: ImageRuntimeConfig, ports: string[]): void {
  for (const text of ports) {
    const [, first, last, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
    const from = Number(first);
    const to = Number(last ?? first);
    if (first === undefined || to > 65535 || to < from) {
      throw new InvalidParameterError(`invalid containerPort: ${text.replace(/\/.*/, '')}`);
    }
    config.ExposedPorts ??= {};
    for (let port = from; port <= to; port++) config.ExposedPorts[`${port}/${protocol.toLowerCase()}`] = {};
  }
}

function volumesIn(rest: string, config: ImageRuntimeConfig): string[] {
  const variables = variablesOf(config.Env);
  return jsonList(rest)?.map((name) => oneWord(name, variables)) ?? words('VOLUME', rest, config);
}

function addVolumes(config: ImageRuntimeConfig, names: string[]): void {
  for (const name of names) {
    if (name.trim() === '') throw new InvalidParameterError('VOLUME specified can not be an empty string');
    config.Volumes = { ...config.Volumes, [name]: {} };
  }
}

function onBuildOf(rest: string): string {
  const [keyword = ''] = rest.split(/\s/, 1);
  const name = keyword.toUpperCase();
  if (name === '') throw new InvalidParameterError('ONBUILD requires at least one argument');
  if (name === 'ONBUILD') throw new InvalidParameterError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === 'FROM' || name === 'MAINTAINER')
    throw new InvalidParameterError(`${name} isn't allowed as an ONBUILD trigger`);
  return rest;
}
