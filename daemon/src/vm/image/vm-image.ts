import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { VmStartError } from '../driver.ts';
import { DigestCache } from './digest-cache.ts';

/** Files of a VM image, checked against its manifest. */
export interface VmImage {
  kernel: string;
  initramfs: string;
  root: string;
  agent: string;
  /** BuildKit; null where the image was made without it. */
  builder: string | null;
}

/** The part of the image's manifest.json that a driver needs. */
interface Manifest {
  formatVersion: 1;
  files: Record<Required, ManifestFile> & { builder?: ManifestFile };
}

interface ManifestFile {
  name: string;
  sizeBytes: number;
  digest: string;
}

const required = ['kernel', 'initramfs', 'root', 'agent'] as const;
type Required = (typeof required)[number];
const remedy = 'run scripts/setup to build it again';

/**
 * Finds the image in a folder. Every file's digest is checked; `cacheFile` remembers what was checked by size and
 * time, so that only changed files are read. Rejects with {@link VmStartError} naming the file and the remedy.
 */
export async function openVmImage(imageDir: string, cacheFile: string): Promise<VmImage> {
  const manifest = await readManifest(path.join(imageDir, 'manifest.json'));
  await using digests = await DigestCache.open(cacheFile);
  const { files } = manifest;
  for (const { name, sizeBytes, digest } of Object.values(files)) {
    await checkFile(path.join(imageDir, name), { sizeBytes, digest }, digests);
  }
  const at = (part: Required) => path.join(imageDir, files[part].name);
  const builder = files.builder ? path.join(imageDir, files.builder.name) : null;
  return { kernel: at('kernel'), initramfs: at('initramfs'), root: at('root'), agent: at('agent'), builder };
}

async function readManifest(file: string): Promise<Manifest> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new VmStartError(`there is no VM image: ${file} cannot be read; ${remedy}`, { cause });
  });
  const manifest = parse(text);
  if (manifest === null) throw new VmStartError(`the VM image's ${file} is corrupt; ${remedy}`);
  if (manifest.formatVersion !== 1) {
    throw new VmStartError(`the VM image in ${path.dirname(file)} is of another version; ${remedy}`);
  }
  return manifest;
}

function parse(text: string): Manifest | null {
  try {
    const manifest = JSON.parse(text) as Manifest | null;
    const complete = required.every((part) => typeof manifest?.files?.[part]?.digest === 'string');
    return complete ? manifest : null;
  } catch {
    return null;
  }
}

async function checkFile(file: string, expected: { sizeBytes: number; digest: string }, digests: DigestCache) {
  const found = await stat(file).catch((cause: unknown) => {
    throw new VmStartError(`the VM image is incomplete: ${file} is missing; ${remedy}`, { cause });
  });
  if (found.size !== expected.sizeBytes) {
    throw new VmStartError(
      `the VM image is corrupt: ${file} has ${found.size} bytes instead of ${expected.sizeBytes}; ${remedy}`,
    );
  }
  if ((await digests.of(file)) !== expected.digest) {
    throw new VmStartError(`the VM image is corrupt: ${file} does not have its manifest's digest; ${remedy}`);
  }
}
