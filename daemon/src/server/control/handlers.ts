import type { OperationName, OperationRequest, OperationResponse } from '../../api/operations.ts';
import type { NamedFinding } from '../../api/findings.ts';
import type { MachineStatus, StartPhase, StartRequest } from '../../api/status.ts';
import type { EngineResources } from '../../engine/resources.ts';
import type { SettingsService } from '../../settings/settings-service.ts';

export interface ControlledMachine {
  status(): Promise<MachineStatus>;
  start(request: StartRequest, options: { onPhase: (phase: StartPhase) => void; signal: AbortSignal }): Promise<void>;
  stop(): Promise<void>;
}

/** What the operations are made of. */
export interface ControlServices {
  machine: ControlledMachine;
  settings: SettingsService;
  resources: EngineResources;
  doctor(): Promise<readonly NamedFinding[]>;
}

export type Handlers = {
  [Name in OperationName]: (request: OperationRequest<Name>) => Promise<OperationResponse<Name>>;
};

/** Whoever asked for it may leave: what has begun goes on. */
const unattended = { onPhase: () => undefined, signal: new AbortController().signal };

/** Every operation of the control API. */
export function createHandlers({ machine, settings, resources, doctor }: ControlServices): Handlers {
  const restart = async () => {
    await machine.stop();
    await machine.start({}, unattended);
  };
  const then = async (done: Promise<void>) => {
    await done;
    return machine.status();
  };
  const nothing = async (done: Promise<void>) => {
    await done;
    return {};
  };
  return {
    status: () => machine.status(),
    start: (request) => then(machine.start(request, unattended)),
    stop: () => then(machine.stop()),
    restart: () => then(restart()),
    doctor,
    'settings.get': () => settings.get(),
    'settings.validate': async (request) => settings.validate(request.settings),
    'settings.apply': (request) => settings.apply(request),
    'settings.startAtLogin': ({ enabled }) => nothing(settings.setStartAtLogin(enabled)),
    'engineConfig.get': () => settings.getEngineConfig(),
    'engineConfig.validate': async ({ text }) => settings.validateEngineConfig(text),
    'engineConfig.apply': (request) => settings.applyEngineConfig(request),
    'containers.list': ({ id }) => resources.containers(id),
    'containers.start': ({ id }) => nothing(resources.actOnContainer(id, 'start')),
    'containers.stop': ({ id }) => nothing(resources.actOnContainer(id, 'stop')),
    'containers.restart': ({ id }) => nothing(resources.actOnContainer(id, 'restart')),
    'containers.unpause': ({ id }) => nothing(resources.actOnContainer(id, 'unpause')),
    'containers.remove': ({ id, force }) => nothing(resources.removeContainer(id, force)),
    'images.list': () => resources.images(),
    'images.remove': ({ id, force }) => nothing(resources.removeImage(id, force)),
    'volumes.list': () => resources.volumes(),
    'volumes.remove': ({ name }) => nothing(resources.removeVolume(name)),
  };
}
