import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { buildPaths } from './layout.ts';
import { type Architecture, donorPackages, type Versions } from './versions.ts';

/** Exact Debian versions by package name. */
export type PackageVersions = Readonly<Record<string, string>>;

const indexMaxAgeMs = 24 * 3600 * 1000;

/**
 * The versions that a build would install now. The package index is asked at most once a day (`refresh`: now), because
 * the question alone takes seconds; without a network the last answer stands.
 */
export async function candidateVersions(
  architecture: Architecture,
  versions: Versions,
  refresh: boolean,
): Promise<PackageVersions> {
  const donors = donorPackages(versions, architecture);
  const cache = buildPaths(architecture).packages;
  const asked = JSON.stringify([versions.suite, versions.rootPackages, donors]);
  const known = await readAnswer(cache, asked);
  if (known !== null && known.ageMs < indexMaxAgeMs && !refresh) return known.versions;
  try {
    const root = await simulate(architecture, versions.suite, versions.rootPackages);
    const donor = await simulate(architecture, versions.suite, donors);
    const taken = donor.filter(([name]) => donors.includes(name) || name.startsWith('linux-image-'));
    const answer = Object.fromEntries([...root, ...taken].sort(([a], [b]) => (a < b ? -1 : 1)));
    await mkdir(path.dirname(cache), { recursive: true });
    await writeFile(cache, JSON.stringify({ asked, versions: answer }));
    return answer;
  } catch (error) {
    if (known === null) throw error;
    console.error('the package index cannot be reached: going on with the versions of the last look');
    return known.versions;
  }
}

async function readAnswer(file: string, asked: string) {
  try {
    const answer = JSON.parse(await readFile(file, 'utf8')) as { asked: string; versions: PackageVersions };
    if (answer.asked !== asked) return null;
    return { versions: answer.versions, ageMs: Date.now() - (await stat(file)).mtimeMs };
  } catch {
    return null;
  }
}

async function simulate(architecture: Architecture, suite: string, names: readonly string[]) {
  const { all } = await execa(
    'mmdebstrap',
    [
      '--verbose',
      '--simulate',
      '--variant=extract',
      `--architectures=${architecture}`,
      `--include=${names.join(',')}`,
      suite,
      '/dev/null',
    ],
    { all: true, maxBuffer: 64 << 20 },
  );
  return parseSimulation(all);
}

/** Lines such as `Inst runc (1.1.15+ds1-2 Debian:13.7/stable [amd64])`. */
export function parseSimulation(output: string): [name: string, version: string][] {
  return [...output.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name = '', version = '']) => [name, version]);
}
