import { readSize } from '../text/size-text.ts';
import { InvalidParameterError, SystemError } from '../api/errors.ts';

const nameCharacters = '[a-zA-Z0-9][a-zA-Z0-9_.-]';
const wholeName = new RegExp(`^${nameCharacters}+$`);

/** Linux, NAME_MAX. */
const longestName = 255;

/** Refuses names that cannot be a folder's, with Docker's texts. */
export function validateName(name: string): void {
  if (Buffer.byteLength(name) === 1) {
    throw new InvalidParameterError('volume name is too short, names should be at least two alphanumeric characters');
  }
  if (!wholeName.test(name)) {
    throw new InvalidParameterError(
      `${JSON.stringify(name)} includes invalid characters for a local volume name, only ${JSON.stringify(nameCharacters)} are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  if (name.length > longestName) throw new SystemError(`mkdir ${name}: file name too long`);
}

const known = new Set(['type', 'o', 'device', 'size']);
const required: ReadonlyArray<readonly [option: string, needs: string[]]> = [
  ['device', ['type']],
  ['type', ['device']],
  ['o', ['device', 'type']],
];

/** Options of the local driver, as `docker volume create -o` gives them. */
export function validateOptions(options: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw new InvalidParameterError(`invalid option: ${JSON.stringify(name)}`);
  }
  validateCifsDevice(options);
  if (options.size !== undefined) validateSize(options.size);
  for (const [option, needs] of required) {
    const missing = needs.find((need) => options[option] !== undefined && options[need] === undefined);
    if (missing !== undefined) throw new InvalidParameterError(`missing required option: ${JSON.stringify(missing)}`);
  }
}

function validateCifsDevice({ type, device }: Readonly<Record<string, string>>): void {
  if (type === 'cifs' && device && /^\/\/[^/]*:\d+(\/|$)/.test(device)) {
    throw new InvalidParameterError("port not allowed in CIFS device URL, include 'port' in 'o='");
  }
}

/** Sizes are quotas, which need a file system that berth's data disk is not. */
function validateSize(size: string): void {
  const bytes = readSize(size, 1024);
  if (bytes === null) throw new InvalidParameterError(`invalid size: '${size}'`);
  if (bytes > 0) throw new InvalidParameterError('quota size requested but no quota support');
}
