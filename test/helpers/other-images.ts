import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { architectureOf, findInstallation, scratchDir } from '@berth/daemon/testing';

const own = findInstallation({ agentFile: null, imageDir: null }).imageDir(architectureOf(process.arch)!);

export interface OtherImages extends AsyncDisposable {
  /** As good as this host's, of other bytes and writing a newer layout of data. */
  newer: string;
  /** Its agent is not the one of its manifest. */
  broken: string;
}

interface Manifest {
  dataVersion?: number;
  files: Record<string, { name: string; sizeBytes: number; digest: string }>;
}

/** Folders with VM images made of this host's. */
export async function otherImages(): Promise<OtherImages> {
  const dir = await scratchDir('/var/tmp');
  const [newer, broken] = [dir.file('newer'), dir.file('broken')];
  const manifest = await copyImage(newer);
  // Blocks behind the end of a file system change nothing but the digest.
  for (const part of ['agent', 'root']) await pad(newer, manifest.files[part]!);
  await writeFile(path.join(newer, 'manifest.json'), JSON.stringify({ ...manifest, dataVersion: 1000 }));
  await copyImage(broken);
  await writeFile(path.join(broken, 'agent.img'), 'something else');
  return { newer, broken, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

/** Small files and those that are changed are copied, the others linked. */
async function copyImage(folder: string): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(path.join(own, 'manifest.json'), 'utf8')) as Manifest;
  await mkdir(folder);
  await copyFile(path.join(own, 'manifest.json'), path.join(folder, 'manifest.json'));
  for (const [part, { name }] of Object.entries(manifest.files)) {
    const put = part === 'agent' || part === 'root' ? copyFile : symlink;
    await put(path.join(own, name), path.join(folder, name));
  }
  return manifest;
}

async function pad(folder: string, file: Manifest['files'][string]): Promise<void> {
  const target = path.join(folder, file.name);
  await appendFile(target, Buffer.alloc(4096));
  const hash = createHash('sha256');
  await pipeline(createReadStream(target), hash);
  Object.assign(file, { sizeBytes: file.sizeBytes + 4096, digest: `sha256:${hash.digest('hex')}` });
}
