import { Option } from 'commander';
import type { Environment } from '../config/env.ts';
import { pathsOf, type Paths } from '../config/paths.ts';

/** What every command gets. */
export interface CliContext {
  environment: Environment;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export interface HomeOption {
  home?: string;
}

export function homeOption(): Option {
  return new Option('--home <dir>', 'folder of the machine and its settings (BERTH_HOME, else ~/.berth)');
}

export function contextPaths(context: CliContext, { home }: HomeOption): Paths {
  return pathsOf({ flag: home, berthHome: context.environment.berthHome });
}

/** The command ends with this exit code and has said everything itself. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly code: number;
  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}
