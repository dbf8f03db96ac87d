import type { LinuxFiles } from './files.ts';

/** What dockerd would not use either, and what would write outside the instance folder. */
const unneededPlugins = [
  'io.containerd.differ.v1.erofs',
  'io.containerd.grpc.v1.cri',
  'io.containerd.image-verifier.v1.bindir',
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.mount-handler.v1.erofs',
  'io.containerd.nri.v1.nri',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.native',
  'io.containerd.snapshotter.v1.zfs',
];

/** containerd's configuration (version 2, read by containerd 1.4 and later), everything below the instance folder. */
export function containerdConfig(files: LinuxFiles): string {
  return `version = 2
root = ${quote(files.containerdRoot)}
state = ${quote(files.containerdState)}
disabled_plugins = [${unneededPlugins.map(quote).join(', ')}]

[grpc]
  address = ${quote(files.containerdSocket)}

[debug]
  level = "warn"
`;
}

/** A TOML basic string is written like a JSON string. */
function quote(text: string): string {
  return JSON.stringify(text);
}
