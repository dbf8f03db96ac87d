/** Values that differ from run to run or from machine to machine; what is left must be equal. */
const volatileKeys: Record<string, string> = {
  Created: '<time>',
  StartedAt: '<time>',
  FinishedAt: '<time>',
  Pid: '<pid>',
  MacAddress: '<mac>',
  IPAddress: '<address>',
  Gateway: '<gateway>',
  SandboxKey: '<path>',
  LogPath: '<path>',
  HostsPath: '<path>',
  HostnamePath: '<path>',
  ResolvConfPath: '<path>',
  Mountpoint: '<path>',
  CreatedAt: '<time>',
  Size: '<size>',
  SizeRw: '<size>',
  SizeRootFs: '<size>',
  SharedSize: '<size>',
  Total: '<size>',
  Unpacked: '<size>',
  LastTagTime: '<time>',
  SystemTime: '<time>',
  'com.docker.network.bridge.name': '<bridge>',
  time: '<time>',
  timeNano: '<time>',
};

const zeroTimes = new Set(['', '0001-01-01T00:00:00Z', 0, -1]);

function scrub(value: unknown, key: string): unknown {
  const replacement = volatileKeys[key];
  if (replacement !== undefined && (typeof value === 'string' || typeof value === 'number')) {
    return zeroTimes.has(value) ? value : replacement;
  }
  if (Array.isArray(value)) return value.map((item) => scrub(item, ''));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [scrubText(name), scrub(item, name)]));
  }
  return typeof value === 'string' ? scrubText(value) : value;
}

/** Ids, short ids in hostnames, random names and addresses inside texts. */
export function scrubText(text: string): string {
  return text
    .replace(/[0-9a-f]{64}/g, '<id>')
    .replace(/^\/.*\/<id>-/, '<path>/<id>-')
    .replace(/^\/.*\/volumes\//, '<volumes>/')
    .replace(/(['\s:])\/[^\s']*\/volumes\//g, '$1<volumes>/')
    .replace(/^[0-9a-f]{12}$/, '<short-id>')
    .replace(/\b172\.\d+\.\d+\.\d+\b/g, '<address>')
    .replace(/\bveth[0-9a-f]{7}\b/g, '<veth>')
    .replace(/ id:"[0-9a-f]{12}"/g, ' id:"<short-id>"')
    .replace(/endpoint \S+ \(/g, 'endpoint <name> (')
    .replace(/\bcontainer [0-9a-f]{12} is using/g, 'container <short-id> is using')
    .replace(/Up Less than a second|Up \d+ seconds?|Up 1 second/g, 'Up <duration>')
    .replace(/(Exited \(\d+\)) .* ago/g, '$1 <duration> ago');
}

/** JSON answers are compared as values, key order included; anything else as text. */
export function normalise(body: string): unknown {
  try {
    return scrub(JSON.parse(body), '');
  } catch {
    return scrubText(body);
  }
}
