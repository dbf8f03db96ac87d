import type { HostConfig } from '../../api/engine/host-config.ts';
import { SystemError } from '../../api/index.ts';
import type { CdiDevices } from './cdi-devices.ts';
import type { DeviceEdits } from './container-edits.ts';

type DeviceRequest = NonNullable<HostConfig['DeviceRequests']>[number];

/** --gpus and --device vendor.com/class=name. CDI is the one device driver that there is; null where it is off. */
export async function requestedDevices(config: HostConfig, cdi: CdiDevices | null): Promise<DeviceEdits[]> {
  const edits: DeviceEdits[] = [];
  for (const request of config.DeviceRequests ?? []) {
    if (request.Driver !== 'cdi' || cdi === null) throw noDriver(request);
    edits.push(...(await cdiEdits(request, cdi)));
  }
  return edits;
}

async function cdiEdits(request: DeviceRequest, cdi: CdiDevices): Promise<DeviceEdits[]> {
  if (request.Count !== 0) throw new SystemError('unexpected count in CDI device request');
  if (Object.keys(request.Options ?? {}).length > 0) {
    throw new SystemError('unexpected options in CDI device request');
  }
  return request.DeviceIDs?.length ? await cdi.edits(request.DeviceIDs) : [];
}

/** Lists as Go prints them. */
function noDriver({ Driver, Capabilities }: DeviceRequest): SystemError {
  const sets = (Capabilities ?? []).map((set) => `[${(set ?? []).join(' ')}]`);
  return new SystemError(`could not select device driver "${Driver}" with capabilities: [${sets.join(' ')}]`);
}
