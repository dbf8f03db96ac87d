import { followLogs } from './logs/follow-logs.ts';
import type { Environment } from './config/env.ts';
import type { Paths } from './config/paths.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { examine } from './doctor/examine.ts';
import { lookAtHost } from './doctor/host.ts';
import { containerLogs } from './engine/container-logs.ts';
import type { EngineClient } from './engine/engine-client.ts';
import { EngineResources } from './engine/resources.ts';
import type { EventHub } from './events/event-hub.ts';
import { createHandlers, type ControlledMachine, type Handlers } from './server/control/handlers.ts';
import type { Streams } from './server/control/routes.ts';
import { startControlServer, type ControlBackend } from './server/control-server.ts';
import type { SettingsService } from './settings/settings-service.ts';

export interface ControlParts {
  paths: Paths;
  environment: Environment;
  machine: ControlledMachine;
  settings: SettingsService;
  events: EventHub;
  engine: EngineClient;
}

/** What the control API serves, on the home's socket and to the dashboard. */
export function composeControl(parts: ControlParts): { handlers: Handlers; streams: Streams } {
  const { paths, environment, machine, settings, events, engine } = parts;
  const doctor = async () => examine(await lookAtHost(paths, environment));
  return {
    handlers: createHandlers({ machine, settings, resources: new EngineResources(engine), doctor }),
    streams: {
      events: (_request, signal) => events.listen(signal),
      logs: ({ tail }, signal) => followLogs(paths, { tail, follow: true, signal }),
      'containers.logs': (request, signal) => containerLogs(engine, request, signal),
    },
  };
}

export interface ControlServing extends ControlParts, Pick<ControlBackend, 'shutdown' | 'guest'> {
  /** Folder of the dashboard's pages. */
  pagesDir: string;
}

/** Serves the control API on the home's socket, and the dashboard once somebody asks for it. */
export async function serveControl({ pagesDir, shutdown, guest, ...parts }: ControlServing): Promise<AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  const control = composeControl(parts);
  const dashboard = undo.use(new Dashboard({ pagesDir, ...control }));
  const openDashboard = () => dashboard.link();
  const backend = { ...control, machine: parts.machine, openDashboard, shutdown, guest };
  undo.use(await startControlServer(parts.paths.controlSocket, backend));
  return undo.move();
}
