import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

export interface Result {
  outcome: 'pass' | 'fail' | 'skip';
  output: string;
}

/** By test name; subtests have a slash in theirs. */
export type Results = Map<string, Result>;

/** A copy of the checkout that builds as a Go module: its go.mod goes by another name. */
export async function prepareSource(source: string, workDir: string): Promise<string> {
  const copy = path.join(workDir, 'moby');
  await cp(source, copy, { recursive: true });
  for (const [from, to] of [
    ['vendor.mod', 'go.mod'],
    ['vendor.sum', 'go.sum'],
  ] as const) {
    await cp(path.join(copy, from), path.join(copy, to));
  }
  return copy;
}

/** Builds and runs a package's tests against an engine. */
export async function runPackage(
  checkout: string,
  options: { package: string; dockerHost: string; skip: readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<Results> {
  const binary = path.join(checkout, 'package.test');
  await execa('go', ['test', '-mod=vendor', '-c', '-o', binary, `./${options.package}`], { cwd: checkout });
  const skip = options.skip.length === 0 ? [] : ['-test.skip', `^(${options.skip.join('|')})$`];
  const env = {
    DOCKER_HOST: options.dockerHost,
    TZ: 'UTC',
    PATH: `${await registryDir(checkout)}:${process.env['PATH']}`,
  };
  const { stdout } = await execa(
    'go',
    ['tool', 'test2json', '-t', binary, '-test.v', '-test.timeout', '15m', ...skip],
    { cwd: path.join(checkout, options.package), env: { ...env, ...options.env }, reject: false },
  );
  return parseResults(stdout);
}

/** Debian's docker-registry under the name that the tests start it by. */
async function registryDir(checkout: string): Promise<string> {
  const dir = path.join(checkout, 'registry-bin');
  await mkdir(dir, { recursive: true });
  const link = path.join(dir, 'registry');
  await symlink('/usr/bin/docker-registry', link).catch(() => {});
  return dir;
}

interface TestEvent {
  Action: string;
  Test?: string;
  Output?: string;
}

function parseResults(lines: string): Results {
  const results: Results = new Map();
  const outputs = new Map<string, string>();
  for (const line of lines.split('\n').filter((text) => text.startsWith('{'))) {
    const { Action: action, Test: name, Output: output = '' } = JSON.parse(line) as TestEvent;
    if (name === undefined) continue;
    if (action === 'output') outputs.set(name, (outputs.get(name) ?? '') + output);
    if (action === 'pass' || action === 'fail' || action === 'skip') {
      results.set(name, { outcome: action, output: outputs.get(name) ?? '' });
    }
  }
  // A failing subtest says why in its own output.
  for (const [name, result] of results) {
    const inner = [...results].filter(([other, { outcome }]) => other.startsWith(`${name}/`) && outcome === 'fail');
    result.output += inner.map(([, { output }]) => output).join('');
  }
  return results;
}
