import { availableParallelism, homedir, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { type Architecture, architectures } from '../vm/architecture.ts';
import { describeIssue } from './config-error.ts';
import { readJsonFile } from './json-file.ts';

const integer = (min: number, max: number) => {
  const message = `an integer from ${min} to ${max}`;
  return z.number({ error: message }).int(message).min(min, message).max(max, message).optional();
};

const absolutePath = z
  .string({ error: 'an absolute path' })
  .refine((folder) => path.isAbsolute(folder), { error: 'an absolute path' });

const machineKeys = {
  driver: z.string({ error: 'auto or the name of a driver' }).min(1, 'auto or the name of a driver').optional(),
  cpus: integer(1, 256),
  memoryMiB: integer(256, 1024 * 1024),
  diskGiB: integer(1, 64 * 1024),
  /** The guest's processor; left out: the host's. */
  architecture: z.enum(architectures, { error: architectures.join(' or ') }).optional(),
};
const shareKinds = ['sftp', 'virtiofs', '9p'] as const;
const object = { error: 'an object' };
const machineSchema = z.strictObject(machineKeys, object);
const schema = z.strictObject(
  {
    ...machineKeys,
    shares: z.array(absolutePath, { error: 'a list of absolute paths' }).optional(),
    /** By what a machine that is not this host sees them; left out: sftp. */
    shareKind: z.enum(shareKinds, { error: shareKinds.join(', ') }).optional(),
    /** Whether a request to the engine starts a machine that is off. */
    startOnRequest: z.boolean({ error: 'true or false' }).optional(),
    /** Whether `berth up` keeps a docker context; left out: only for the default home. */
    context: z.boolean({ error: 'true or false' }).optional(),
    /** Whether ~/.docker/run/docker.sock leads here; left out: only for the default home. */
    userSocket: z.boolean({ error: 'true or false' }).optional(),
    /** Whether /var/run/docker.sock leads here; left out: no. */
    systemSocket: z.boolean({ error: 'true or false' }).optional(),
  },
  object,
);

/** What settings.json says; what is left out has a default. */
export type SettingsFile = z.infer<typeof schema>;

/** The machine's size and kind. */
export interface Settings {
  /** A driver's name or 'auto'. */
  driver: string;
  cpus: number;
  memoryMiB: number;
  /** The data disk is sparse: this is how large it may become. */
  diskGiB: number;
  /** Left out: the host's. */
  architecture?: Architecture;
}

export function readSettingsFile(file: string): Promise<Readonly<SettingsFile>> {
  return readJsonFile(file, schema);
}

/** Folders of the host that containers may mount: the user's own and the one for temporary files, unless the file says. */
export async function sharedFolders(file: string): Promise<readonly string[]> {
  return (await readSettingsFile(file)).shares ?? [homedir(), tmpdir()];
}

export async function startsOnRequest(file: string): Promise<boolean> {
  return (await readSettingsFile(file)).startOnRequest ?? false;
}

/** Checks a machine asked for elsewhere (flags, the control API) by the file's own rules. */
export { machineSchema as settingsSchema };

export function withDefaults(file: SettingsFile): Readonly<Settings> {
  const defaults = { driver: 'auto', cpus: defaultCpus(), memoryMiB: defaultMemoryMiB(), diskGiB: 64 };
  const given = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined));
  return Object.freeze({ ...defaults, ...given });
}

/** Checks what is to become the file; the error names the key, what was expected and what is there. */
export function parseSettings(value: unknown): SettingsFile {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw describeIssue('settings', result.error, value);
}

/** Settings as their file holds them. */
export function settingsText(settings: SettingsFile): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** Keeps what was asked for; keys of `changes` that are undefined stay as they are. */
export async function updateSettingsFile(file: string, changes: SettingsFile): Promise<void> {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return;
  const updated = { ...(await readSettingsFile(file)), ...given };
  await writeFileAtomically(file, settingsText(updated));
}

function defaultCpus(): number {
  return Math.min(availableParallelism(), 8);
}

/** A quarter of the host's, between 1 and 8 GiB. */
function defaultMemoryMiB(): number {
  const quarter = Math.floor(totalmem() / 4 / 1024 / 1024);
  return Math.max(1024, Math.min(8192, quarter));
}
