import path from 'node:path';
import { execa } from 'execa';
import { nodePackage } from './node-package.ts';
import { type Architecture, hostArchitecture, type Versions } from './versions.ts';

/** The bundle's folder under a name that is the same everywhere: the compiled form holds the path. */
const fixedDir = '/proc/self/cwd';

/**
 * Has Node.js write the compiled form of `bundle` into the folder `cache` beside it, for the guest to start from. The
 * bundle is run without arguments, on which it ends after its modules have been evaluated. Only possible for the CPU
 * this runs on; without the cache the guest compiles by itself. A fixed seed gives the same bytes every time.
 */
export async function writeCompileCache(bundle: string, architecture: Architecture, versions: Versions): Promise<void> {
  if (process.platform !== 'linux' || hostArchitecture !== architecture) return;
  const { binary } = await nodePackage(versions.nodePackages[architecture]);
  await execa(
    binary,
    ['--random-seed=1', '--preserve-symlinks-main', path.posix.join(fixedDir, path.basename(bundle))],
    {
      cwd: path.dirname(bundle),
      env: { NODE_COMPILE_CACHE: path.posix.join(fixedDir, 'cache'), NODE_COMPILE_CACHE_PORTABLE: '1' },
      reject: false,
      timeout: 30_000,
    },
  );
}
