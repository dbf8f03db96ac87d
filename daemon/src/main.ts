import { readEnvironment } from './config/env.ts';
import { runCli } from './cli/run.ts';

/** Whoever read our output has left: there is nobody to tell anything. */
const endQuietly = (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
};

const { stdin, stdout, stderr } = process;
stdout.on('error', endQuietly);
stderr.on('error', endQuietly);
process.exitCode = await runCli(process.argv, { environment: readEnvironment(), stdin, stdout, stderr });
