import { expect, test } from 'vitest';
import { type Architecture, architectureOf } from './architecture.ts';
import type { VmSpec } from './driver.ts';
import { sizedFor } from './machine-size.ts';
import { FakeDriver, FakeHost } from './testing/fake-driver.ts';

const own = architectureOf(process.arch)!;
const other: Architecture = own === 'amd64' ? 'arm64' : 'amd64';
const spec: VmSpec = {
  ...{ instanceDir: '/m', cpus: 2, memoryMiB: 512, diskGiB: 4, engineSockets: [], engineConfig: {} },
};
const driverWith = (otherArchitectures: boolean) =>
  new FakeDriver(new FakeHost(), { capabilities: { otherArchitectures } });

test('another processor than the host has is refused where the driver has no other', async () => {
  const wanted = { ...spec, architecture: other };
  await expect(sizedFor(driverWith(false), wanted, {})).rejects.toThrow(`own processor, which is not ${other}`);
  expect(await sizedFor(driverWith(true), wanted, {})).toEqual(wanted);
  const same = { ...spec, architecture: own };
  expect(await sizedFor(driverWith(false), same, {})).toEqual(same);
});

test('folders by a kind that the driver does not have here are refused', async () => {
  const driver = new FakeDriver(new FakeHost(), { capabilities: { hostFolders: ['virtiofs'] } });
  const wanted: VmSpec = { ...spec, hostFolders: { kind: '9p', folders: [] } };
  await expect(sizedFor(driver, wanted, {})).rejects.toThrow(
    'the fake driver has no 9p here: choose another "shareKind"',
  );
  expect(await sizedFor(driver, { ...wanted, hostFolders: { kind: 'virtiofs', folders: [] } }, {})).toMatchObject(spec);
});
