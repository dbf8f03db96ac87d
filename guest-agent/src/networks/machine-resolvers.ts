import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

const usual = '/etc/resolv.conf';
/** What systemd-resolved asks, where the usual file names only itself. */
const behindSystemd = '/run/systemd/resolve/resolv.conf';
const systemdStub = '127.0.0.53';

export interface MachineResolvConf {
  file: string;
  text: string;
}

/** The machine's resolv.conf(5), as it is now: laptops change networks. Empty where there is none. */
export async function machineResolvConf(): Promise<MachineResolvConf> {
  const text = await readFile(usual, 'utf8').catch(() => '');
  const [first, ...more] = nameservers(text);
  if (first !== systemdStub || more.length > 0) return { file: usual, text };
  const behind = await readFile(behindSystemd, 'utf8').catch(() => null);
  return behind === null ? { file: usual, text } : { file: behindSystemd, text: behind };
}

/** Addresses that the file names, in order; what is none is passed over. */
export const nameservers = (text: string): string[] =>
  resolvConfLines(text)
    .filter(([key]) => key === 'nameserver')
    .map(([, address = '']) => address)
    .filter((address) => isIP(address.split('%')[0] ?? '') !== 0);

/** The words of each line; comments are cut off. */
export const resolvConfLines = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.replace(/[#;].*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
