/** What may follow a container's name in a path. */
const verbs: ReadonlySet<string> = new Set([
  ...['json', 'top', 'logs', 'stats', 'changes', 'export', 'archive', 'attach', 'checkpoints'],
  ...['start', 'stop', 'restart', 'kill', 'pause', 'unpause', 'rename', 'update', 'wait', 'resize', 'exec'],
]);

const path = /^\/containers\/([^/?]+)\/([^/?]+)(.*)$/s;

/** A link's name, `source/alias`, becomes one part of the path: `/containers/a/b/json` is `/containers/a%2Fb/json`. */
export function escapeLinkName(url: string): string {
  const match = path.exec(url);
  if (!match) return url;
  const [, source = '', alias = '', rest = ''] = match;
  return verbs.has(alias) ? url : `/containers/${source}%2F${alias}${rest}`;
}
