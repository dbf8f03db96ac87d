/** What the system refused, as Go words it: 'mkdir /x: no space left on device'. Any other error's own message. */
export function errorText(error: Error): string {
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || !message.startsWith(`${code}: `)) return message;
  const [reason = ''] = message.slice(code.length + 2).split(`, ${syscall}`);
  return `${syscall}${path === undefined ? '' : ` ${path}`}: ${reason}`;
}
