import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { architectures } from './architecture.ts';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';

const timings = z.object({
  startedAt: z.string(),
  adopted: z.boolean(),
  totalMs: z.number(),
  phases: z.array(z.object({ phase: z.string(), atMs: z.number() })),
});

const record = z.object({
  version: z.literal(1),
  /** `running` is written before the driver starts anything and `stopped` after all has ended. */
  state: z.enum(['stopped', 'running']),
  driver: z.string(),
  cpus: z.number().int(),
  memoryMiB: z.number().int(),
  diskGiB: z.number().int(),
  /** Left out: the host's. */
  architecture: z.enum(architectures).optional(),
  lastStart: timings.nullable(),
  problem: z.string().nullable(),
});

/** What is remembered of the machine between two daemons. */
export type MachineRecord = Omit<z.infer<typeof record>, 'version'>;

export class MachineRecordError extends Error {
  override readonly name = 'MachineRecordError';
}

/** The machine's record on disk. One process writes it (the one with the home's lock). */
export class MachineStore {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** null: there never was a machine. Rejects with {@link MachineRecordError} when the file makes no sense. */
  async read(): Promise<MachineRecord | null> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return text === null ? null : this.#parse(text);
  }

  async write(value: MachineRecord): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeFileAtomically(this.#file, `${JSON.stringify({ version: 1, ...value }, null, 2)}\n`);
  }

  #parse(text: string): MachineRecord {
    try {
      return record.parse(JSON.parse(text));
    } catch (cause) {
      throw new MachineRecordError(
        `${this.#file} is damaged: run \`berth down\` if a machine runs, then remove the file`,
        { cause },
      );
    }
  }
}
