import path from 'node:path';

/**
 * A bind source, in any of the ways in which clients write it, as a path of this host; null: it is none, because it is
 * not absolute. On Windows a drive is `C:\Users`, `C:/Users`, `/c/Users`, `//c/Users`, `/mnt/c/Users` (WSL) or
 * `/host_mnt/c/Users` (Docker Desktop), and a share of another machine `\\server\share\folder` or the same with slashes.
 */
export function hostPath(source: string, platform: NodeJS.Platform = process.platform): string | null {
  if (platform !== 'win32') return path.posix.isAbsolute(source) ? path.posix.resolve(source) : null;
  return windowsPath(source.replaceAll('\\', '/'));
}

function windowsPath(source: string): string | null {
  const drive = /^(?:([a-z]):|\/{1,2}(?:mnt\/|host_mnt\/|run\/desktop\/mnt\/host\/)?([a-z]))(\/.*)?$/i.exec(source);
  if (drive) {
    const [, colon, slash, rest = '/'] = drive;
    return path.win32.normalize(`${(colon ?? slash ?? '').toUpperCase()}:${rest}`).replace(/(?<!:)\\$/, '');
  }
  const isUnc = /^\/\/[^/?.][^/]*\/[^/]+/.test(source);
  return isUnc ? path.win32.normalize(source).replace(/\\$/, '') : null;
}
