import { startAgent } from './agent.ts';
import { InvalidParameterError } from './api/index.ts';
import { readAgentConfig } from './config.ts';
import { createLogger } from './logger.ts';

async function main([configFile]: readonly string[]): Promise<void> {
  if (configFile === undefined) {
    console.error('usage: agent CONFIG.json');
    process.exit(2);
  }
  const config = await readAgentConfig(configFile);
  const log = createLogger(config.logLevel);
  const agent = await startAgent(config, log).catch((error: unknown) => {
    // Wrong settings are the user's to mend: one line is all it takes.
    if (!(error instanceof InvalidParameterError)) throw error;
    console.error(`daemon.json: ${error.message}`);
    process.exit(1);
  });
  log.info('engine ready');

  async function stop(): Promise<void> {
    await agent[Symbol.asyncDispose]();
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void stop());
  }
}

void main(process.argv.slice(2));
