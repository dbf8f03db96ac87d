export const unitName = 'berth.service';

export interface SystemdUnit {
  up: readonly string[];
  down: readonly string[];
  /** PATH; null: systemd's. */
  searchPath: string | null;
}

/**
 * A unit of the user's systemd (systemd.service(5)). `berth up` ends once the machine runs; the unit stays active with
 * the daemon that it leaves behind, and stopping it ends the machine.
 */
export function systemdUnit({ up, down, searchPath }: SystemdUnit): string {
  return `[Unit]
Description=berth, a Docker engine

[Service]
Type=oneshot
RemainAfterExit=yes
${searchPath === null ? '' : `Environment=${quoted(`PATH=${searchPath}`, { variables: false })}\n`}ExecStart=${command(up)}
ExecStop=${command(down)}
TimeoutStartSec=5min
TimeoutStopSec=2min

[Install]
WantedBy=default.target
`;
}

function command(words: readonly string[]): string {
  return words.map((word) => quoted(word, { variables: true })).join(' ');
}

/** In double quotes backslash and quote are escaped by a backslash; % and, where variables are read, $ by themselves. */
function quoted(argument: string, { variables }: { variables: boolean }): string {
  const escaped = argument.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  const literal = escaped.replaceAll('%', '%%');
  return `"${variables ? literal.replaceAll('$', '$$$$') : literal}"`;
}
