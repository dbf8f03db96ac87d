import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdings, leftBehind } from '../faults/race/holdings.ts';
import { agentPid, startBerth, type Berth } from '../helpers/berth.ts';
import { engineRequest } from '../helpers/engine-request.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const ask = async (method: string, url: string, body?: unknown) => {
  const request = { method, path: `/v1.51/containers${url}`, ...(body !== undefined && { body }) };
  return (await engineRequest(berth.socketPath, request)).status;
};

function agent(): { descriptors: number; residentMb: number } {
  const pid = agentPid(berth.home);
  const [, kb = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, residentMb: Number(kb) / 1024 };
}

async function cycles(count: number): Promise<void> {
  let made = 0;
  const work = async () => {
    for (let i = made++; i < count; i = made++) {
      const body = { Image: 'busybox', Cmd: ['sleep', '1000'] };
      const steps = [
        await ask('POST', `/create?name=cycle${i}`, body),
        await ask('POST', `/cycle${i}/start`),
        await ask('POST', `/cycle${i}/stop?t=0`),
        await ask('DELETE', `/cycle${i}`),
      ];
      expect(steps).toEqual([201, 204, 204, 204]);
    }
  };
  await Promise.all(Array.from({ length: 3 }, work));
}

/* 10,000 in ten rounds: what grows, grows from round to round. */
test('create, start, stop and remove, 10,000 times: descriptors and memory stay', { timeout: 3_600_000 }, async () => {
  await cycles(100);
  const before = await holdings(berth.home);
  const base = agent();
  for (let round = 1; round <= 10; round++) {
    await cycles(1_000);
    const now = agent();
    console.log(`${round},000 cycles: ${now.descriptors} descriptors, ${Math.round(now.residentMb)} MB`);
    expect(now.descriptors).toBeLessThanOrEqual(base.descriptors + 8);
    expect(now.residentMb).toBeLessThan(150);
  }
  await expect.poll(async () => leftBehind(before, await holdings(berth.home)), { timeout: 20_000 }).toEqual([]);
});
