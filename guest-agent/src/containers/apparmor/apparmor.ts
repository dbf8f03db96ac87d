import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { SystemError } from '../../api/index.ts';
import { defaultProfile, defaultProfileName, type ProfileHost } from './default-profile.ts';

const run = promisify(execFile);
const parser = '/sbin/apparmor_parser';
const kernelFolder = '/sys/kernel/security/apparmor';
const profilesFolder = '/etc/apparmor.d';

/** The kernel confines processes by AppArmor, and profiles can be given to it. */
export function hasAppArmor(): boolean {
  if (!existsSync(kernelFolder) || !existsSync(parser)) return false;
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'latin1').startsWith('Y');
  } catch {
    return false;
  }
}

/** What confines a container: its own choice, or the engine's; `asked` is null or '' where it makes none. */
export function appliedProfile(asked: string | null, privileged: boolean): string {
  return privileged ? 'unconfined' : asked || defaultProfileName;
}

let loading: Promise<void> | undefined;

/** Gives the kernel the default profile, unless it has it: others may have taken it away. Any other is somebody else's. */
export async function ensureProfile(name: string | undefined): Promise<void> {
  if (name !== defaultProfileName) return;
  loading ??= load().finally(() => (loading = undefined));
  await loading;
}

async function load(): Promise<void> {
  const loaded = await readFile(path.join(kernelFolder, 'profiles'), 'utf8');
  if (loaded.split('\n').some((line) => line.startsWith(`${defaultProfileName} `))) return;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'berth-apparmor-'));
  try {
    const file = path.join(folder, defaultProfileName);
    await writeFile(file, defaultProfile(await profileHost()));
    await run(parser, ['-Kr', file]);
  } catch (error) {
    const reason = (error as Error).message.trim();
    throw new SystemError(
      `AppArmor enabled on system but the ${defaultProfileName} profile could not be loaded: ${reason}`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** 'name (mode)' for a confined process. */
async function profileHost(): Promise<ProfileHost> {
  const own = await readFile('/proc/self/attr/current', 'utf8').catch(() => '');
  return {
    engineProfile: own.split(' ')[0]?.trim() || 'unconfined',
    hasTunables: existsSync(path.join(profilesFolder, 'tunables/global')),
    hasAbstractions: existsSync(path.join(profilesFolder, 'abstractions/base')),
  };
}
