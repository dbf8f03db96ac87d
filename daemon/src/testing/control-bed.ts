import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { MachineStateName, MachineStatus } from '../api/status.ts';
import { ControlClient } from '../api/control-client.ts';
import { composeControl } from '../control.ts';
import { pathsOf, type Paths } from '../config/paths.ts';
import { Dashboard } from '../dashboard/dashboard.ts';
import { EngineClient } from '../engine/engine-client.ts';
import { EventHub } from '../events/event-hub.ts';
import { AgentPool } from '../guest/agent-pool.ts';
import { startControlServer } from '../server/control-server.ts';
import { SettingsService } from '../settings/settings-service.ts';
import { VmStartError } from '../vm/driver.ts';
import { DriverSet } from '../vm/drivers.ts';
import { FakeDriver, FakeHost } from '../vm/testing/fake-driver.ts';
import { scratchDir } from '../vm/testing/scratch-dir.ts';
import { connectTo } from './fake-engine.ts';

export interface ControlBed extends AsyncDisposable {
  paths: Paths;
  client: ControlClient;
  machine: FakeMachineControl;
  events: EventHub;
  settings: SettingsService;
  openDashboard(): Promise<string>;
}

export interface ControlBedOptions {
  engine?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Folder of the dashboard's pages. */
  pagesDir?: string;
  /** Whether the host has a virtiofsd: yes, if absent. */
  virtiofs?: boolean;
}

/** A machine that is only a state. */
export class FakeMachineControl {
  state: MachineStateName = 'running';
  /** The next starts fail with these. */
  failures: string[] = [];
  readonly calls: string[] = [];
  warnings: string[] = [];
  onChange: () => void = () => undefined;

  readonly status = async (): Promise<MachineStatus> => ({
    state: this.state,
    driver: this.state === 'running' ? 'fake' : null,
    accelerator: null,
    architecture: 'amd64',
    dockerHost: 'unix:///docker.sock',
    ...{ cpus: 2, memoryMiB: 1024, diskGiB: 64, lastStart: null, problem: null, halted: null, warnings: this.warnings },
  });

  readonly start = async (): Promise<void> => {
    this.calls.push('start');
    const failure = this.failures.shift();
    this.#become(failure === undefined ? 'running' : 'failed');
    if (failure !== undefined) throw new VmStartError(failure, { consoleTail: 'last words' });
  };

  readonly stop = async (): Promise<void> => {
    this.calls.push('stop');
    this.#become('stopped');
  };

  #become(state: MachineStateName): void {
    this.state = state;
    this.onChange();
  }
}

/** The control API on a socket of its own, over a machine and an engine that a test plays. */
export async function controlBed({
  engine,
  pagesDir = '',
  virtiofs = true,
}: ControlBedOptions = {}): Promise<ControlBed> {
  const dir = await scratchDir();
  const paths = pathsOf({ flag: dir.path, berthHome: null });
  const server = createServer(engine ?? ((_request, response) => void response.end('[]')));
  server.listen(dir.file('engine.sock'));
  await once(server, 'listening');
  const pool = new AgentPool(() => connectTo(dir.file('engine.sock')));
  const client = new EngineClient(() => ({ agent: pool }));
  const machine = new FakeMachineControl();
  const events = new EventHub({ status: machine.status, engine: client, warnings: () => machine.warnings });
  machine.onChange = () => events.stateChanged(machine.state === 'running');
  const host = new FakeHost();
  const bare = { sharesHost: true, hostFolders: [], limits: false, dataDisk: false, otherArchitectures: false };
  const drivers = new DriverSet([new FakeDriver(host), new FakeDriver(host, { name: 'bare', capabilities: bare })]);
  const loginItem = { file: dir.file('login/berth.service'), content: 'up', link: null };
  const settings = new SettingsService({ paths, machine, drivers, loginItem, hasVirtiofs: async () => virtiofs });
  const environment = { ...noEnvironment };
  const control = composeControl({ paths, environment, machine, settings, events, engine: client });
  const dashboard = new Dashboard({ pagesDir, ...control });
  const openDashboard = () => dashboard.link();
  const backend = { ...control, machine, openDashboard, shutdown: () => undefined, guest: noGuest };
  const serving = await startControlServer(paths.controlSocket, backend);
  const end = async () => {
    await serving[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
    events[Symbol.dispose]();
    pool.destroy();
    server.closeAllConnections();
    server.close();
    await dir[Symbol.asyncDispose]();
  };
  const control_ = new ControlClient(paths.controlSocket);
  return { paths, client: control_, machine, events, settings, openDashboard, [Symbol.asyncDispose]: end };
}

const noGuest = () => ({ agent: null, reason: 'there is none' });
const noEnvironment = {
  berthHome: null,
  imageDir: null,
  agentFile: null,
  dockerConfig: null,
  dockerHost: null,
  dockerContext: null,
  configHome: null,
  appData: null,
  searchPath: null,
  shell: null,
  logLevel: 'info',
  proxies: {},
};
