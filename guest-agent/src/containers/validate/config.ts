import path from 'node:path';
import type { ContainerConfig, HealthConfig } from '../../api/engine/container-config.ts';
import { InvalidParameterError } from '../../api/index.ts';
import { parseSignal } from '../signals.ts';

/** Refuses what dockerd refuses in Config, with its texts. */
export function validateConfig(config: ContainerConfig): void {
  if (config.WorkingDir !== '' && !path.posix.isAbsolute(config.WorkingDir)) {
    throw new InvalidParameterError(
      `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`,
    );
  }
  if (config.StopSignal !== '') parseSignal(config.StopSignal);
  for (const entry of config.Env ?? []) {
    if (entry === '' || entry.startsWith('=')) {
      throw new InvalidParameterError(`invalid environment variable: ${entry}`);
    }
  }
  if (config.Healthcheck) validateHealth(config.Healthcheck);
}

const millisecondNs = 1_000_000;

function validateHealth(health: HealthConfig): void {
  for (const key of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    if (health[key] !== 0 && health[key] < millisecondNs) {
      throw new InvalidParameterError(`${key} in Healthcheck cannot be less than 1ms`);
    }
  }
  if (health.Retries < 0) throw new InvalidParameterError('Retries in Healthcheck cannot be negative');
}
