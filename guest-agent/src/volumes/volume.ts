/** What a volume is; written once, at its creation. */
export interface VolumeRecord {
  readonly name: string;
  readonly createdMs: number;
  /** null where none were given. */
  readonly labels: Readonly<Record<string, string>> | null;
  /** The local driver's `type`, `device`, `o` and `size`; null where none were given. */
  readonly options: Readonly<Record<string, string>> | null;
}

export const localDriver = 'local';
/** Marks volumes that nobody named. */
export const anonymousLabel = 'com.docker.volume.anonymous';

/** What is mounted from elsewhere takes no space here. */
export const hasOptions = ({ options }: VolumeRecord): boolean => Object.keys(options ?? {}).length > 0;

/** True for a volume that is something mounted, not just a folder. */
export const needsMount = ({ options }: VolumeRecord): boolean => Boolean(options?.device || options?.type);
