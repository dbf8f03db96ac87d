import { scratchDir } from './scratch-dir.ts';
import { driverSuite } from './driver-suite.ts';
import { FakeDriver, FakeHost } from './fake-driver.ts';
import { hostEcho } from './host-echo.ts';

const host = new FakeHost();

driverSuite('fake', {
  createDriver: () => new FakeDriver(host, { starting: async ({ signal }) => signal.throwIfAborted() }),
  createSpec: async () => {
    const dir = await scratchDir();
    const spec = { instanceDir: dir.path, cpus: 1, memoryMiB: 512, diskGiB: 1, engineSockets: [], engineConfig: {} };
    return { spec, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
  },
  guestEcho: hostEcho,
  leftovers: async () => [...host.running.keys()],
  crash: async (spec) => host.running.get(spec.instanceDir)?.end({ expected: false, reason: 'crashed' }),
});
