import { Command } from 'commander';
import { uncheckedPathsOf } from '../config/paths.ts';
import { examine } from '../doctor/examine.ts';
import type { FindingState, NamedFinding } from '../doctor/finding.ts';
import { lookAtHost } from '../doctor/host.ts';
import { ExitError, homeOption, type CliContext, type HomeOption } from './context.ts';

interface DoctorOptions extends HomeOption {
  json?: boolean;
}

/** `berth doctor`: changes nothing; the exit code is 1 when something has to be fixed. */
export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description('look for what keeps the machine from running well, and say how to put it right')
    .option('--json', 'as JSON')
    .addOption(homeOption())
    .action((options: DoctorOptions) => doctor(context, options));
}

async function doctor({ environment, stdout }: CliContext, { home, json }: DoctorOptions): Promise<void> {
  const paths = uncheckedPathsOf({ flag: home, berthHome: environment.berthHome });
  const findings = await examine(await lookAtHost(paths, environment));
  stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
  if (findings.some(({ state }) => state === 'problem')) throw new ExitError(1);
}

const marks: Record<FindingState, string> = { ok: 'ok', warning: 'warning', problem: 'PROBLEM', skipped: '-' };

/** For people: a finding a line, and its fix on the next. */
export function findingsText(findings: readonly NamedFinding[]): string {
  const lines = findings.flatMap(({ state, check, finding, fix }) => [
    `${marks[state].padEnd(8)} ${check.padEnd(14)} ${finding}`,
    ...(fix === null ? [] : [`${' '.repeat(24)}fix: ${fix}`]),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
