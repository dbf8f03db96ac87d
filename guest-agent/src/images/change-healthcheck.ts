import type { HealthConfig } from '../api/engine/container-config.ts';
import { InvalidParameterError } from '../api/errors.ts';
import { parseDurationMs } from '../text/go-duration.ts';

const durations = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
} as const;

/** `NONE`, or `[--interval=… --timeout=… --start-period=… --start-interval=… --retries=…] CMD …`. */
export function healthcheckOf(text: string): Partial<HealthConfig> {
  const config: Partial<HealthConfig> = {};
  let rest = text;
  for (;;) {
    const [whole, name = '', value = ''] = /^--([a-z-]+)=(\S*)\s*/.exec(rest) ?? [];
    if (whole === undefined) break;
    rest = rest.slice(whole.length);
    setFlag(config, name, value);
  }
  const [, kind = '', command = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  return { Test: testOf(kind.toUpperCase(), command.trim()), ...config };
}

function setFlag(config: Partial<HealthConfig>, name: string, value: string): void {
  if (name === 'retries') {
    const retries = Number(value);
    if (!Number.isInteger(retries) || retries < 0) {
      throw new InvalidParameterError(`--retries cannot be negative (${value})`);
    }
    config.Retries = retries;
    return;
  }
  if (!Object.hasOwn(durations, name)) throw new InvalidParameterError(`Unknown flag: ${name}`);
  config[durations[name as keyof typeof durations]] = durationNs(name, value);
}

function durationNs(name: string, value: string): number {
  const ns = Math.round(parseDurationMs(value) * 1e6);
  if (ns === 0) return 0;
  if (ns < 1e6) throw new InvalidParameterError(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  return ns;
}

function testOf(kind: string, command: string): string[] {
  if (kind === '') throw new InvalidParameterError('HEALTHCHECK requires at least one argument');
  if (kind === 'NONE') {
    if (command !== '') throw new InvalidParameterError('HEALTHCHECK NONE takes no arguments');
    return ['NONE'];
  }
  if (kind !== 'CMD') throw new InvalidParameterError(`Unknown type in HEALTHCHECK: ${kind}`);
  if (command === '') throw new InvalidParameterError('Missing command after HEALTHCHECK CMD');
  const list = command.startsWith('[') ? (JSON.parse(command) as string[]) : undefined;
  return list ? ['CMD', ...list] : ['CMD-SHELL', command];
}
