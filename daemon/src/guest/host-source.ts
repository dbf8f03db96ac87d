/**
 * A bind's source as this host writes it: the agent has the folders of other machines, Windows' `\\server\share`, below
 * /mnt/unc, since a path of Linux cannot begin with two slashes.
 */
export function hostSource(source: string, platform: string = process.platform): string {
  return platform === 'win32' ? source.replace(/^\/mnt\/unc\/(?=[^/])/, '//') : source;
}
