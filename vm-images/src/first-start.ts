import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentNodeFlags, LinkMux, type LinkTarget, sessionPath, sessionUpgrade } from '@berth/guest-agent/api';
import { execa } from 'execa';
import { outDir } from './layout.ts';

/**
 * The agent's first start, before any guest's: `first-start FOLDER`, in namespaces whose network is its own. What it
 * compiled until clients had their first answers is kept in FOLDER.
 */
const questions = ['_ping', 'version', 'info', 'containers/json?all=1', 'images/json', 'networks', 'volumes'];
const retryEveryMs = 50;
const agentIsThereMs = 30_000;
const pluginsThatTakeLong = [
  'io.containerd.grpc.v1.cri',
  'io.containerd.cri.v1.runtime',
  'io.containerd.cri.v1.images',
];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: first-start FOLDER');
await using work = await openWork();
const at = (name: string) => path.join(work.path, name);

await execa('ip', ['link', 'set', 'lo', 'up']);
const containerd = startContainerd();
await writeAgentConfig();
const agent = startAgent(folder);
await Promise.race([answered(), containerd, agent]);
agent.kill('SIGTERM');
const { exitCode, stderr } = await agent;
containerd.kill('SIGTERM');
await containerd;
if (exitCode !== 0) throw new Error(stderr);

async function openWork() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'berth-first-start-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** The one that scripts/setup built, else the machine's. */
function startContainerd() {
  const built = path.join(outDir, 'programs/containerd');
  const program = existsSync(built) ? built : 'containerd';
  const config = `version = 2
root = "${at('containerd')}"
state = "${at('containerd-state')}"
disabled_plugins = ${JSON.stringify(pluginsThatTakeLong)}
[grpc]
address = "${at('containerd.sock')}"
`;
  return execa('sh', ['-c', `cat >"$1"; exec "$0" --config "$1"`, program, at('containerd.toml')], {
    ...{ input: config, reject: false, stdout: 'ignore', stderr: 'ignore' },
  });
}

async function writeAgentConfig(): Promise<void> {
  const config = {
    dataRoot: at('data'),
    runRoot: at('run'),
    containerdAddress: at('containerd.sock'),
    engineSocket: at('engine.sock'),
    guestSocket: at('guest.sock'),
    link: { kind: 'relay', socket: at('link.sock') },
  };
  await writeFile(at('agent.json'), JSON.stringify(config));
}

function startAgent(folder: string) {
  const start = [path.join(folder, 'start.cjs'), at('agent.json'), path.join(folder, 'agent.compiled')];
  return execa(process.execPath, [...agentNodeFlags, '--random-seed=1', ...start], { reject: false, stdout: 'ignore' });
}

/** As the daemon does it, over one pipe. Whichever the answers: it is the way there that counts. */
async function answered(): Promise<void> {
  using link = new LinkMux({});
  const deadline = AbortSignal.timeout(agentIsThereMs);
  while (!existsSync(at('link.sock'))) await sleep(retryEveryMs, undefined, { signal: deadline });
  link.attach(connect(at('link.sock')));
  while (!link.isUp) await sleep(retryEveryMs, undefined, { signal: deadline });
  const open = (target: LinkTarget) => link.open(target, deadline) as Promise<Duplex>;
  await greet(await open({ kind: 'guest' }));
  for (const question of questions) await ask(await open({ kind: 'engine' }), question);
}

async function greet(stream: Duplex): Promise<void> {
  const headers = { Connection: 'Upgrade', Upgrade: sessionUpgrade };
  const asked = request({ path: sessionPath, headers, createConnection: () => stream });
  const [, session] = (await once(asked.end(), 'upgrade')) as [unknown, Duplex];
  const greeting = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'guest.info', params: {} });
  session.write(`Content-Length: ${greeting.length}\r\n\r\n${greeting}`);
  await once(session, 'data');
}

async function ask(stream: Duplex, question: string): Promise<void> {
  const asked = request({ path: `/v1.51/${question}`, createConnection: () => stream });
  const [answer] = (await once(asked.end(), 'response')) as [Duplex];
  await once(answer.resume(), 'end');
}
