import { planMachine } from '../../plan.ts';
import { readEngineConfig } from '../../config/engine-config.ts';
import { readSettingsFile } from '../../config/settings-file.ts';
import type { ConfigurationFact } from '../checks/configuration.ts';
import type { DoctorHost } from '../host.ts';

export async function configurationFact({ paths, environment }: DoctorHost): Promise<ConfigurationFact> {
  const read = [readSettingsFile(paths.settings), readEngineConfig(paths.engineConfig)];
  const problems = await problemsOf(read);
  if (problems.length > 0) return { problems };
  return { problems: await problemsOf([planMachine(paths, {}, environment)]) };
}

async function problemsOf(attempts: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(attempts);
  return settled.filter((each) => each.status === 'rejected').map(({ reason }) => (reason as Error).message);
}
