/** launchd's name for berth's agent; its file has it, too. */
export const launchAgentLabel = 'dev.berth.up';

export interface LaunchAgent {
  command: readonly string[];
  /** PATH; null: launchd's. */
  searchPath: string | null;
  logFile: string;
}

/**
 * A property list for ~/Library/LaunchAgents, which launchd reads at login (launchd.plist(5)). `berth up` ends once the
 * machine runs, and the daemon that it leaves behind is not to end with it.
 */
export function launchAgent({ command, searchPath, logFile }: LaunchAgent): string {
  const strings = command.map((argument) => `    <string>${escapeXml(argument)}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${launchAgentLabel}</string>
  <key>ProgramArguments</key>
  <array>
${strings.join('\n')}
  </array>
${searchPath === null ? '' : environment(searchPath)}  <key>RunAtLoad</key>
  <true/>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(logFile)}</string>
</dict>
</plist>
`;
}

function environment(searchPath: string): string {
  return `  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    <string>${escapeXml(searchPath)}</string>
  </dict>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => entities[character] ?? character);
}
