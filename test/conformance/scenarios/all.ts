import type { Scenario } from '../scenario.ts';
import { containerScenarios } from './containers.ts';
import { execScenarios } from './exec.ts';
import { imageScenarios } from './images.ts';
import { registryScenarios } from './registries.ts';
import { liveScenarios } from './live.ts';
import { fileScenarios } from './files.ts';
import { networkOptionScenarios } from './network-options.ts';
import { networkScenarios } from './networks.ts';
import { logScenarios } from './logs.ts';
import { optionScenarios } from './options/scenarios.ts';
import { systemScenarios } from './system.ts';
import { volumeScenarios } from './volumes.ts';

export const scenarios: Scenario[] = [
  ...systemScenarios,
  ...containerScenarios,
  ...execScenarios,
  ...fileScenarios,
  ...liveScenarios,
  ...networkScenarios,
  ...networkOptionScenarios,
  ...volumeScenarios,
  ...optionScenarios,
  ...logScenarios,
  ...imageScenarios,
  ...registryScenarios,
];
