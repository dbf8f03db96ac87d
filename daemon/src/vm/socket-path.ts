/** Bytes that the path of a unix socket may have: sun_path less the closing zero (unix(7), macOS' sys/un.h). */
export function socketPathLimit(platform: string): number {
  return platform === 'linux' ? 107 : 103;
}

export const longestSocketPath: number = socketPathLimit(process.platform);
