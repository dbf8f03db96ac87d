const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the engine sets, overridden by what the container asks; 'NAME' without '=' takes the variable out. */
export function containerEnvironment(options: {
  hostname: string;
  tty: boolean;
  /** What links add; the container's own variables override it. */
  linked?: readonly string[];
  env: readonly string[] | null;
}): string[] {
  const base = [
    defaultPath,
    `HOSTNAME=${options.hostname}`,
    ...(options.tty ? ['TERM=xterm'] : []),
    ...(options.linked ?? []),
  ];
  return mergeEnvironment(base, options.env ?? []);
}

/** Values of `overrides` take the place of those with the same name; new ones follow at the end. */
export function mergeEnvironment(base: readonly string[], overrides: readonly string[]): string[] {
  const merged = [...base];
  for (const entry of overrides) {
    const name = nameOf(entry);
    const at = merged.findIndex((existing) => nameOf(existing) === name);
    if (!entry.includes('=')) {
      if (at !== -1) merged.splice(at, 1);
    } else if (at === -1) merged.push(entry);
    else merged[at] = entry;
  }
  return merged;
}

export const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
