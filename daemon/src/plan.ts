import type { StartRequest } from './api/status.ts';
import { dockerPlaces } from './config/docker-places.ts';
import { readEngineConfig } from './config/engine-config.ts';
import type { Environment } from './config/env.ts';
import type { Paths } from './config/paths.ts';
import { withProxies } from './config/proxies.ts';
import { type SettingsFile, readSettingsFile, sharedFolders, withDefaults } from './config/settings-file.ts';
import { sharesOf } from './files/shares.ts';
import { linkedSockets } from './server/docker-sockets.ts';
import type { HostFolders } from './vm/driver.ts';
import type { MachinePlan } from './vm/start-machine.ts';

/** What the settings, the engine's configuration and a request ask for, read anew for every start. */
export async function planMachine(
  paths: Paths,
  request: StartRequest,
  environment: Pick<Environment, 'proxies'>,
): Promise<MachinePlan> {
  const engineConfig = withProxies(await readEngineConfig(paths.engineConfig), environment.proxies);
  const settings = await readSettingsFile(paths.settings);
  const { driver, cpus, memoryMiB, diskGiB, architecture } = withDefaults({
    ...withoutUndefined(settings),
    ...withoutUndefined(request),
  });
  const { instanceDir, engineSocket } = paths;
  const size = { cpus, memoryMiB, diskGiB, ...(architecture && { architecture }) };
  const links = await linkedSockets(engineSocket, dockerPlaces(paths, settings));
  const hostFolders = await hostFoldersOf(paths, settings.shareKind);
  const spec = {
    instanceDir,
    ...size,
    ...(hostFolders && { hostFolders }),
    engineSockets: [engineSocket, ...links],
    engineConfig,
  };
  return { driverName: driver, spec };
}

/** null: the driver shows none. */
async function hostFoldersOf(
  { settings }: Paths,
  kind: SettingsFile['shareKind'] = 'sftp',
): Promise<HostFolders | null> {
  return kind === 'sftp' ? null : { kind, folders: await sharesOf(await sharedFolders(settings)) };
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
