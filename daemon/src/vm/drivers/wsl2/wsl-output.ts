/**
 * Text that wsl.exe itself printed: UTF-16 without a mark unless WSL_UTF8 is set, which older ones do not know. UTF-8
 * holds no zero bytes, UTF-16 has one in every ASCII character, line ends at least.
 */
export function decodeWslOutput(bytes: Buffer): string {
  const text = bytes.includes(0) ? bytes.toString('utf16le') : bytes.toString('utf8');
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** Names of distributions, of `--list --quiet`: the only form of the list without words of some language. */
export function parseNames(output: string): string[] {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '');
}

export interface WslVersion {
  major: number;
  minor: number;
  patch: number;
}

/** WSL's own version is the first in the output of `--version`, whatever the language says before it. */
export function parseWslVersion(output: string): WslVersion | null {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(output);
  return match && { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** The last part of 'Error code: Wsl/Service/…/NAME', which no translation touches; null if it says none. */
export function errorCodeIn(output: string): string | null {
  return /\bWsl\/\S*?([^/\s]+)\s*$/m.exec(output)?.[1] ?? null;
}
