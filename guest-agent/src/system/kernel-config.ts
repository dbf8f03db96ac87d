import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The running kernel's build configuration, from the kernel itself or where distributions put it; '' if neither has it. */
export async function readKernelConfig(): Promise<string> {
  try {
    return (await promisify(gunzip)(await readFile('/proc/config.gz'))).toString('latin1');
  } catch {
    return await readFile(`/boot/config-${os.release()}`, 'latin1').catch(() => '');
  }
}

/** Whether x32 programs run; assumed where nothing is known. Debian builds it in and leaves it off (syscall.x32). */
export function hasX32(config: string, commandLine: string): boolean {
  if (config === '') return true;
  const isSet = (option: string) => config.includes(`\n${option}=y\n`);
  return isSet('CONFIG_X86_X32_ABI') && (!isSet('CONFIG_X86_X32_DISABLED') || /\bsyscall\.x32=y\b/.test(commandLine));
}
