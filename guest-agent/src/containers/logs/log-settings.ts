import { SystemError } from '../../api/index.ts';
import type { ContainerRecord } from '../container.ts';
import { logAttributes } from './log-attributes.ts';
import { parseBoolText, parseIntText, parseSizeText } from './size-text.ts';

/** How a container's log is written. */
export interface LogSettings {
  /** Size at which a file gives way to the next; null: it grows for ever. */
  maxBytes: number | null;
  /** The current file and the older ones: 1 keeps no older one. */
  maxFiles: number;
  /** Older files are kept as .gz. */
  compress: boolean;
  attributes: Record<string, string>;
  /** What may wait to be written before lines are lost instead of the container held up; null: nothing is lost. */
  lossyBytes: number | null;
}

const defaultLossyBytes = 1_000_000;
const localDefaults = { 'max-size': '20m', 'max-file': '5', compress: 'true' };

/** null: the driver keeps nothing. Wrong values fail the start, as in dockerd. */
export function logSettings(record: ContainerRecord, hostname: string): LogSettings | null {
  const { Type: driver, Config: config } = record.hostConfig.LogConfig;
  if (driver === 'none') return null;
  const options = config ?? {};
  try {
    const file = driver === 'local' ? localFile(options) : jsonFile(options);
    const attributes = driver === 'local' ? {} : logAttributes(record, hostname);
    const buffer = options['max-buffer-size'];
    const size = buffer === undefined ? defaultLossyBytes : parseSizeText(buffer, 1024);
    return { ...file, attributes, lossyBytes: options['mode'] === 'non-blocking' ? size : null };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const text = `failed to create task for container: failed to initialize logging driver: ${error.message}`;
    throw new SystemError(text, { cause: error });
  }
}

type FileSettings = Pick<LogSettings, 'maxBytes' | 'maxFiles' | 'compress'>;
type Options = Readonly<Record<string, string>>;

function jsonFile(options: Options): FileSettings {
  const { 'max-size': size, 'max-file': files, compress: gzip } = options;
  const maxBytes = size === undefined ? null : parseSizeText(size, 1000);
  if (maxBytes === 0) throw new SystemError('max-size must be a positive number');
  const maxFiles = files === undefined ? 1 : parseIntText(files);
  if (maxFiles < 1) throw new SystemError('max-file cannot be less than 1');
  const compress = gzip !== undefined && parseBoolText(gzip);
  if (compress && (maxFiles === 1 || maxBytes === null)) {
    throw new SystemError('compress cannot be true when max-file is less than 2 or max-size is not set');
  }
  return { maxBytes, maxFiles, compress };
}

function localFile(options: Options): FileSettings {
  const { 'max-size': size, 'max-file': files, compress: gzip } = { ...localDefaults, ...options };
  const maxBytes = named(`invalid value for max-size: ${size}`, () => parseSizeText(size, 1000));
  const maxFiles = named(`invalid value for max-file: ${files}`, () => parseIntText(files));
  const compress = named('error reading compress log option', () => parseBoolText(gzip));
  if (maxFiles < 0) throw new SystemError('max file count cannot be less than 0');
  if (compress && maxFiles <= 1) throw new SystemError('compression cannot be enabled when max file count is 1');
  return { maxBytes, maxFiles: Math.max(1, maxFiles), compress };
}

function named<T>(prefix: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new SystemError(`${prefix}: ${(error as Error).message}`, { cause: error });
  }
}
