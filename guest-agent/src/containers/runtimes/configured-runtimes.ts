import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidParameterError } from '../../api/index.ts';
import { runcShim } from '../../containerd/containers.ts';
import { isShimName, type OciRuntime } from './oci-runtime.ts';

interface RuntimeJson {
  path?: string;
  runtimeArgs?: string[];
  runtimeType?: string;
  options?: Record<string, unknown>;
}

export interface RuntimeHost {
  /** Whether a program is there, by name or path. */
  hasProgram(name: string): boolean;
  /** Where scripts for runtimes with arguments go; what is in it is replaced. */
  scriptsDir: string;
}

const stock: readonly string[] = ['runc', runcShim];
/** Known by name where it is installed. */
const second = 'crun';

/** runc, crun where it is installed, and daemon.json's `runtimes`; refuses with dockerd's words. */
export function configuredRuntimes(
  configured: Readonly<Record<string, RuntimeJson>>,
  host: RuntimeHost,
): Record<string, OciRuntime> {
  const runtimes: Record<string, OciRuntime> = {};
  for (const name of stock) runtimes[name] = byPath('runc');
  if (host.hasProgram(second)) runtimes[second] = byPath(second);
  rmSync(host.scriptsDir, { recursive: true, force: true });
  for (const [name, json] of Object.entries(configured)) {
    if (name === 'runc') refuse(`runtime name 'runc' is reserved`);
    runtimes[name] = configuredRuntime(name, json, host);
  }
  return runtimes;
}

/** daemon.json's `default-runtime`. */
export function defaultRuntime(name: string | undefined, runtimes: Readonly<Record<string, OciRuntime>>): string {
  if (name === undefined || name === '') return 'runc';
  if (!Object.hasOwn(runtimes, name) && !isShimName(name)) refuse(`specified default runtime '${name}' does not exist`);
  return name;
}

const byPath = (program: string): OciRuntime => ({
  shim: runcShim,
  binaryName: program,
  view: { path: program },
});

function configuredRuntime(name: string, json: RuntimeJson, host: RuntimeHost): OciRuntime {
  const { path: program = '', runtimeType: type = '', runtimeArgs: args = [], options = {} } = json;
  if (program === '' && type === '') refuse(`runtime ${name}: either a runtimeType or a path must be configured`);
  if (program === '') {
    if (args.length > 0) refuse(`runtime ${name}: args cannot be used with a runtimeType runtime`);
    return { shim: type, options: lowerFirst(options), view: { runtimeType: type, options } };
  }
  if (type !== '') refuse(`runtime ${name}: cannot configure both path and runtimeType for the same runtime`);
  if (Object.keys(options).length > 0) refuse(`runtime ${name}: options cannot be used with a path runtime`);
  const view = { path: program, ...(args.length > 0 && { runtimeArgs: args }) };
  if (args.length === 0) return { shim: runcShim, binaryName: program, view };
  const script = writeScript(name, [program, ...args], host.scriptsDir);
  return { shim: runcShim, binaryName: script, view, check: () => checkProgram(program, host) };
}

/** daemon.json has Go's names: BinaryName, SystemdCgroup; the shim's options are named binaryName, systemdCgroup. */
const lowerFirst = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key.slice(0, 1).toLowerCase() + key.slice(1), value]),
  );

function checkProgram(program: string, host: RuntimeHost): void {
  if (host.hasProgram(program)) return;
  const why = program.includes('/')
    ? `stat ${program}: no such file or directory`
    : `exec: "${program}": executable file not found in $PATH`;
  throw new InvalidParameterError(`error while looking up the specified runtime path: ${why}`);
}

/** The shim has no way to pass arguments on. The name tells the contents: one that a container runs by stays as it is. */
function writeScript(name: string, command: readonly string[], dir: string): string {
  const text = `#!/bin/sh\n${command.join(' ')} "$@"\n`;
  const file = path.join(dir, `${name}.${createHash('sha256').update(text).digest('hex')}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o700 });
  chmodSync(file, 0o700);
  return file;
}

function refuse(message: string): never {
  throw new InvalidParameterError(message);
}
