import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where programs are looked for: what every Linux system has, whatever the agent was started with. */
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Whether a program can be run, by its name or its path. */
export function hasProgram(name: string): boolean {
  const files = name.includes('/') ? [name] : searchPath.map((dir) => path.join(dir, name));
  return files.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
