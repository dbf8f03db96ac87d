import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { berthHome, until, type BerthHome } from '@berth/daemon/testing';

/* `berth doctor` on a real home, daemon and packet filter. Needs root for the linux driver. */

interface Finding {
  check: string;
  state: string;
  finding: string;
  fix: string | null;
}

const cli = path.resolve(import.meta.dirname, '../../daemon/src/main.ts');
let home: BerthHome;

beforeAll(async () => {
  home = await berthHome();
});
afterAll(() => home[Symbol.asyncDispose]());

async function doctor(env: Record<string, string> = {}) {
  const { stdout, exitCode, stderr } = await home.run(['doctor', '--json'], { env });
  expect(stderr).toBe('');
  const findings = JSON.parse(String(stdout)) as Finding[];
  return { exitCode, of: (check: string) => findings.find((each) => each.check === check), findings };
}

test('looks at a home that was never started and leaves nothing in it', async () => {
  const { of, exitCode, findings } = await doctor();
  expect(of('daemon')).toEqual({ check: 'daemon', state: 'ok', finding: 'not running', fix: null });
  expect(of('home')).toMatchObject({ state: 'ok' });
  expect(exitCode).toBe(findings.some(({ state }) => state === 'problem') ? 1 : 0);
  expect(await readdir(home.path)).toEqual([]);
});

test('what is wrong with a file has to be fixed, in words and as JSON', async () => {
  await writeFile(`${home.path}/settings.json`, '{"driver":"linux","cpus":"four"}');
  const { of, exitCode } = await doctor();
  expect(exitCode).toBe(1);
  expect(of('configuration')).toMatchObject({ state: 'problem', fix: expect.any(String) });
  expect((await home.run(['doctor'])).stdout).toMatch(/^PROBLEM +configuration +.*settings\.json: cpus: .*\n +fix: /m);
});

test('a machine that runs, and a daemon that has left it alone', async () => {
  await writeFile(`${home.path}/settings.json`, '{"driver":"linux"}');
  expect((await home.run(['up'])).exitCode).toBe(0);
  const running = await doctor({ DOCKER_HOST: home.dockerHost });
  expect(running.of('daemon')).toMatchObject({ state: 'ok', finding: 'the daemon answers, the machine is running' });
  expect(running.of('docker-client')).toMatchObject({ state: 'ok' });
  process.kill((await home.daemonPid())!, 'SIGKILL');
  await until(async () => (await home.daemonPid()) === undefined, { timeoutMs: 10_000, what: 'end of the daemon' });
  const left = await doctor();
  expect(left.exitCode).toBe(1);
  expect(left.of('daemon')).toMatchObject({ state: 'problem', finding: 'the daemon has ended without its machine' });
  expect((await home.run(['down'])).exitCode).toBe(0);
});

test('a packet filter that drops what is forwarded is found, and the fix it names helps', async () => {
  const look = `"${process.execPath}" --conditions=berth-source "${cli}" doctor --json --home "${home.path}"`;
  const drop = "nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'";
  const fix = "nft chain ip filter FORWARD '{ policy accept; }'";
  const script = `nft add table ip filter && ${drop} && { ${look}; echo ,; ${fix} && ${look}; }`;
  const { stdout } = await execa('unshare', ['-n', 'sh', '-c', script], { reject: false });
  const [before, after] = (JSON.parse(`[${stdout}]`) as Finding[][]).map((all) =>
    all.find(({ check }) => check === 'forwarding'),
  );
  expect(before).toMatchObject({ state: 'warning', fix: expect.stringContaining(fix) });
  expect(after).toMatchObject({ state: 'ok' });
});
