import { InvalidParameterError } from '../../api/index.ts';
import { parseBoolText, parseSizeText } from '../logs/size-text.ts';

type Options = Readonly<Record<string, string>>;

/** Options of the engine's own, whatever the driver. The cache is for drivers that cannot be read: no use here. */
const general: readonly string[] = [
  'mode',
  'max-buffer-size',
  'cache-disabled',
  'cache-max-size',
  'cache-max-file',
  'cache-compress',
];

const jsonFile = ['max-file', 'max-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'];
const drivers: Readonly<Record<string, { options: readonly string[]; unknown: (option: string) => string }>> = {
  'json-file': { options: jsonFile, unknown: (option) => `unknown log opt '${option}' for json-file log driver` },
  local: {
    options: ['max-file', 'max-size', 'compress'],
    unknown: (option) => `unknown log opt '${option}' for log driver local`,
  },
};

/** Drivers that this engine has. */
export const builtLogDrivers: readonly string[] = ['json-file', 'local', 'none'];

/** What dockerd refuses at create; the values of a driver's own options are looked at when it starts. */
export function validateLogOptions(driver: string, options: Options): void {
  const known = drivers[driver];
  if (!known) return;
  validateMode(options);
  validateCache(options);
  const unknown = Object.keys(options).find((name) => !general.includes(name) && !known.options.includes(name));
  if (unknown !== undefined) throw new InvalidParameterError(known.unknown(unknown));
}

function validateMode({ mode = '', 'max-buffer-size': size }: Options): void {
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw new InvalidParameterError(`logger: logging mode not supported: ${mode}`);
  }
  if (size === undefined) return;
  if (mode !== 'non-blocking') {
    throw new InvalidParameterError("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  }
  translated('error parsing option max-buffer-size', () => parseSizeText(size, 1024));
}

function validateCache({ 'cache-disabled': disabled }: Options): void {
  if (disabled === undefined) return;
  try {
    parseBoolText(disabled);
  } catch (error) {
    throw new InvalidParameterError(`invalid value for option cache-disabled: ${disabled}`, { cause: error });
  }
}

function translated(prefix: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    throw new InvalidParameterError(`${prefix}: ${(error as Error).message}`, { cause: error });
  }
}
