import { mkdir, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { StartRequest } from '../api/status.ts';
import { architectureOf } from './architecture.ts';
import { VmStartError, type VmDriver, type VmSpec } from './driver.ts';

const mebibyte = 1024 * 1024;

/** The spec as the driver can honour it; what was asked for by hand and cannot be honoured is refused. */
export async function sizedFor(driver: VmDriver, spec: VmSpec, request: StartRequest): Promise<VmSpec> {
  const { limits, dataDisk, otherArchitectures, hostFolders } = driver.capabilities;
  const { architecture } = spec;
  if (!otherArchitectures && architecture !== undefined && architecture !== architectureOf(process.arch)) {
    throw new VmStartError(`the ${driver.name} driver uses the host's own processor, which is not ${architecture}`);
  }
  if (spec.hostFolders && !hostFolders.includes(spec.hostFolders.kind)) {
    const { kind } = spec.hostFolders;
    throw new VmStartError(
      `the ${driver.name} driver has no ${kind} here: choose another "shareKind" in settings.json`,
    );
  }
  if (!limits && (request.cpus ?? request.memoryMiB) !== undefined) {
    throw new VmStartError(`the ${driver.name} driver cannot limit cpus or memory: it uses the host's own`);
  }
  if (!dataDisk && request.diskGiB !== undefined) {
    throw new VmStartError(`the ${driver.name} driver has no disk of its own: it uses the host's`);
  }
  return { ...spec, ...(!limits && hostSize()), ...(!dataDisk && (await hostDisk(spec.instanceDir))) };
}

function hostSize(): Pick<VmSpec, 'cpus' | 'memoryMiB'> {
  return { cpus: availableParallelism(), memoryMiB: Math.floor(totalmem() / mebibyte) };
}

async function hostDisk(folder: string): Promise<Pick<VmSpec, 'diskGiB'>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { blocks, bsize } = await statfs(folder);
  return { diskGiB: Math.floor((blocks * bsize) / mebibyte / 1024) };
}
