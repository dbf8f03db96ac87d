import { InvalidParameterError, SystemError } from '../../api/index.ts';
import { fluentdOptions } from '../logs/fluentd/options.ts';
import { gelfOptions } from '../logs/gelf/options.ts';
import { remoteLogDrivers } from '../logs/remote/open-remote-log.ts';
import { parseBoolText, parseSizeText } from '../../text/size-text.ts';
import { validateSyslog } from '../logs/syslog/options.ts';

type Options = Readonly<Record<string, string>>;

/** Options of the engine's own, whatever the driver; the cache is for drivers that cannot be read. */
const general: readonly string[] = [
  'mode',
  'max-buffer-size',
  'cache-disabled',
  'cache-max-size',
  'cache-max-file',
  'cache-compress',
];

const attributes = ['labels', 'labels-regex', 'env', 'env-regex', 'tag'];
const tls = ['syslog-tls-ca-cert', 'syslog-tls-cert', 'syslog-tls-key', 'syslog-tls-skip-verify'];

interface KnownDriver {
  options: readonly string[];
  unknown: (option: string) => string;
  /** Values that are looked at before the container is made. */
  validate?: (options: Options) => unknown;
}

const known = (driver: string, options: readonly string[], validate?: (options: Options) => unknown): KnownDriver => ({
  options: [...attributes, ...options],
  unknown: (option) => `unknown log opt '${option}' for ${driver} log driver`,
  ...(validate && { validate }),
});

const drivers: Readonly<Record<string, KnownDriver>> = {
  'json-file': known('json-file', ['max-file', 'max-size', 'compress']),
  local: {
    options: ['max-file', 'max-size', 'compress'],
    unknown: (option) => `unknown log opt '${option}' for log driver local`,
  },
  syslog: known('syslog', ['syslog-address', 'syslog-facility', 'syslog-format', ...tls], validateSyslog),
  fluentd: known(
    'fluentd',
    ['address', 'async', 'async-reconnect-interval', 'buffer-limit', 'max-retries', 'request-ack', 'retry-wait',
      'sub-second-precision', 'write-timeout'].map((name) => `fluentd-${name}`),
    fluentdOptions,
  ), // prettier-ignore
  gelf: {
    ...known(
      'gelf',
      ['address', 'compression-level', 'compression-type', 'tcp-max-reconnect', 'tcp-reconnect-delay'].map(
        (name) => `gelf-${name}`,
      ),
      gelfOptions,
    ),
    unknown: (option) => `unknown log opt "${option}" for gelf log driver`,
  },
  journald: known('journald', []),
};

/** Drivers that this engine has, as /info names them. */
export const builtLogDrivers: readonly string[] = ['json-file', 'local', ...remoteLogDrivers].sort();

/** Drivers that a container may name; `none` needs nothing, journald fails the start as where there is no journal. */
export const acceptedLogDrivers: readonly string[] = [...builtLogDrivers, 'journald', 'none'];

/** What dockerd refuses at create; the values of a driver's own options are looked at when it starts. */
export function validateLogOptions(driver: string, options: Options): void {
  const known = drivers[driver];
  if (!known) return;
  validateMode(options);
  validateCache(options);
  const unknown = Object.keys(options).find((name) => !general.includes(name) && !known.options.includes(name));
  if (unknown !== undefined) throw new InvalidParameterError(known.unknown(unknown));
  invalid(() => known.validate?.(options));
}

function invalid(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw new InvalidParameterError(error.message, { cause: error });
  }
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
  if (!disabled) return;
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
