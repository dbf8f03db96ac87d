import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { agentPid, hasBuildKit, startBerth } from '../helpers/berth.ts';

const contextBytes = 5 * 1024 ** 3;
const mostGrowthBytes = 64 * 1024 ** 2;
const timeoutMs = 15 * 60_000;

/** The most that a process ever had in memory. */
function peakBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

test.skipIf(!hasBuildKit)(
  'a context of 5 GB is not held in memory, and not kept (skipped where there is no BuildKit)',
  async () => {
    await using berth = await startBerth('linux');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'berth-context-'));
    const build = async () => {
      const env = { DOCKER_HOST: berth.dockerHost, DOCKER_BUILDKIT: '0' };
      await execa('docker', ['build', '-t', 'large', folder], { env });
    };
    try {
      await writeFile(path.join(folder, 'Dockerfile'), 'FROM busybox\nCOPY Dockerfile /\nRUN true\n');
      await build();
      const agent = agentPid(berth.home);
      const before = peakBytes(agent);
      await writeFile(path.join(folder, 'large'), '');
      await truncate(path.join(folder, 'large'), contextBytes);
      await build();
      expect(agentPid(berth.home)).toBe(agent);
      expect(peakBytes(agent) - before).toBeLessThan(mostGrowthBytes);
      expect(await readdir(path.join(berth.home, 'machine/engine/builder/contexts'))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  timeoutMs,
);
