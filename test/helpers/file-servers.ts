import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** A server of this machine, on its loopback address. */
export interface FileServer extends AsyncDisposable {
  readonly port: number;
}

export interface FileServerOptions {
  /** What it serves; anybody may write. */
  folder: string;
  /** Where it keeps its own files. */
  stateDir: string;
}

/** What serves NFS and Windows shares for tests, where it is installed (scripts/setup --tests). */
export const hasFileServers: boolean =
  (await execa('which', ['ganesha.nfsd', 'smbd'], { reject: false })).exitCode === 0;

/** NFS 4.1 without Kerberos, the folder as `/share`; users and groups are taken as they come. */
export async function startNfsServer({ folder, stateDir }: FileServerOptions): Promise<FileServer> {
  const port = await freePort();
  const file = path.join(stateDir, 'ganesha.conf');
  await mkdir(stateDir, { recursive: true });
  await writeFile(
    file,
    `NFS_CORE_PARAM { NFS_Port = ${port}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = 127.0.0.1; }
NFSv4 { Graceless = true; RecoveryBackend = fs; RecoveryRoot = ${stateDir}; Minor_Versions = 1; Only_Numeric_Owners = true; }
EXPORT {
  Export_Id = 1; Path = ${folder}; Pseudo = /share; Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
  FSAL { Name = VFS; }
  CLIENT { Clients = *; }
}
`,
  );
  const logs = ['-L', path.join(stateDir, 'log'), '-p', path.join(stateDir, 'pid')];
  return started(port, ['ganesha.nfsd', '-F', '-f', file, ...logs]);
}

/** SMB 3 for guests, the folder as `share`. */
export async function startSmbServer({ folder, stateDir }: FileServerOptions): Promise<FileServer> {
  const port = await freePort();
  const file = path.join(stateDir, 'smb.conf');
  await mkdir(stateDir, { recursive: true });
  const places = [
    'private dir',
    'lock directory',
    'state directory',
    'cache directory',
    'pid directory',
    'ncalrpc dir',
  ];
  await writeFile(
    file,
    `[global]
server role = standalone server
map to guest = Bad User
guest account = root
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = ${port}
disable spoolss = yes
log file = ${stateDir}/log
${places.map((place) => `${place} = ${stateDir}`).join('\n')}
[share]
path = ${folder}
guest only = yes
read only = no
`,
  );
  return started(port, ['smbd', '-F', '--no-process-group', '-s', file]);
}

async function started(port: number, [program = '', ...args]: string[]): Promise<FileServer> {
  // In a process group of its own: smbd ends the whole of it with itself.
  const server = execa(program, args, { reject: false, detached: true, stdin: 'ignore' });
  let isOver = false;
  void server.then(() => (isOver = true));
  while (!(await answers(port))) {
    if (isOver) throw new Error(`${program} ended: ${(await server).all ?? (await server).stderr}`);
    await delay(50);
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.kill();
      await server;
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
