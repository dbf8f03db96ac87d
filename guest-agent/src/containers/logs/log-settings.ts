import { SystemError } from '../../api/index.ts';
import { logAttributes } from './log-attributes.ts';
import type { LogInfo } from './log-info.ts';
import { parseBoolText, parseIntText, parseSizeText } from '../../text/size-text.ts';

/** How a log is written to files. */
export interface FileSettings {
  /** Size at which a file gives way to the next; null: it grows for ever. */
  maxBytes: number | null;
  /** The current file and the older ones: 1 keeps no older one. */
  maxFiles: number;
  /** Older files are kept as .gz. */
  compress: boolean;
  /** Written with each line. */
  attributes: Record<string, string>;
  /** What may wait to be written before lines are lost instead of the container held up; null: nothing is lost. */
  lossyBytes: number | null;
}

type Options = Readonly<Record<string, string>>;
type Rotation = Pick<FileSettings, 'maxBytes' | 'maxFiles' | 'compress'>;

const defaultLossyBytes = 1_000_000;
const localDefaults = { 'max-size': '20m', 'max-file': '5', compress: 'true' };

/** Of the drivers that write files. Wrong values are SystemErrors with dockerd's words. */
export function fileSettings(driver: 'json-file' | 'local', info: LogInfo): FileSettings {
  const { options } = info;
  if (driver === 'local') return { ...localFile(options), attributes: {}, lossyBytes: lossyBytes(options) };
  return { ...jsonFile(options), attributes: logAttributes(info), lossyBytes: lossyBytes(options) };
}

/** Of the copy that `docker logs` reads when the driver sends lines away; null: the options want none. */
export function cacheSettings(options: Options): FileSettings | null {
  if (parseBoolText(options['cache-disabled'] || 'false')) return null;
  const own = Object.entries(options).filter(([name]) => name.startsWith('cache-'));
  const asLocal = Object.fromEntries(own.map(([name, value]) => [name.slice('cache-'.length), value]));
  return { ...localFile(asLocal), attributes: {}, lossyBytes: lossyBytes(options) };
}

/** The option `mode=non-blocking`; null where nothing may be lost. */
export function lossyBytes({ mode, 'max-buffer-size': buffer }: Options): number | null {
  if (mode !== 'non-blocking') return null;
  return buffer === undefined ? defaultLossyBytes : parseSizeText(buffer, 1024);
}

function jsonFile(options: Options): Rotation {
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

function localFile(options: Options): Rotation {
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
