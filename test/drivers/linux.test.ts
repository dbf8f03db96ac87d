import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createDrivers, driverSuite, findInstallation, hostEcho, scratchDir } from '@berth/daemon/testing';

const installation = findInstallation({ agentFile: process.env['BERTH_AGENT'] ?? null, imageDir: null });

driverSuite('linux', {
  createDriver: () => createDrivers(installation).get('linux'),
  createSpec: async () => {
    // Not the default folder for scratch files: that may be on a tmpfs.
    const dir = await scratchDir('/var/tmp');
    const spec = { instanceDir: dir.path, cpus: 1, memoryMiB: 512, diskGiB: 1, engineSockets: [], engineConfig: {} };
    return { spec, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
  },
  guestEcho: hostEcho,
  leftovers: async ({ instanceDir }) => {
    const processes = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const config = readFileSync(path.join(instanceDir, 'agent.json'), 'utf8');
    const { bridgeName } = JSON.parse(config) as { bridgeName: string };
    const network = [
      ...readdirSync('/sys/class/net'),
      ...execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).split('\n'),
    ];
    return [
      ...[...processes, ...mounts].filter((line) => line.includes(instanceDir)),
      ...network.filter((line) => line.includes(bridgeName)),
    ];
  },
});
