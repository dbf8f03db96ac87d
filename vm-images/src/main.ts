import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { buildWsl } from './build-wsl.ts';
import { agentBundleDir, buildPaths, sampleImagePath } from './layout.ts';
import { buildSampleImage } from './sample-image.ts';
import { verify } from './verify.ts';
import { architectures, hostArchitecture, readVersions } from './versions.ts';

const usage = `Usage: node vm-images/src/main.ts build|wsl|verify|sample [options]
  build    brings out/<arch> up to date (nothing is done when no input changed)
  wsl      builds, and makes of it what wsl.exe imports
  verify   builds a second time and compares the digests of every file
  sample   makes a busybox image for docker load
Options: --arch ${architectures.join('|')}  --bundle DIR  --force  --refresh`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    arch: { type: 'string', default: hostArchitecture },
    bundle: { type: 'string', default: agentBundleDir },
    force: { type: 'boolean', default: false },
    refresh: { type: 'boolean', default: false },
  },
});

const architecture = architectures.find((name) => name === values.arch);
if (architecture === undefined) fail(`--arch is one of ${architectures.join(', ')}, not '${values.arch}'`);
const options = { architecture, bundle: values.bundle, force: values.force, refresh: values.refresh };

switch (positionals[0]) {
  case 'build': {
    const startedAt = performance.now();
    const { built, manifest } = await build(options);
    const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.sizeBytes, 0);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`VM image ${architecture}: built ${built} in ${seconds} s, ${(bytes / 1e6).toFixed(1)} MB`);
    break;
  }
  case 'wsl': {
    await build(options);
    const paths = buildPaths(architecture);
    const made = await buildWsl(paths, await readVersions());
    console.log(`WSL distributions: ${made ? 'made' : 'up to date'} in ${paths.image}`);
    break;
  }
  case 'verify':
    await verify(options);
    console.log('VM image: a second build gave the same bytes');
    break;
  case 'sample':
    await buildSampleImage(sampleImagePath(architecture), architecture);
    console.log(`sample image: ${sampleImagePath(architecture)}`);
    break;
  default:
    fail(usage);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
