/** A command file for Windows' Startup folder; the window that it opens is minimized and closes by itself. */
export function startupScript(command: readonly string[]): string {
  return `@start "berth" /min ${command.map(quoted).join(' ')}\r\n`;
}

/** No path on Windows holds a quote; % would name a variable. */
function quoted(argument: string): string {
  return `"${argument.replaceAll('%', '%%')}"`;
}
