import { buildImage, buildIndex, ociArchive, type Descriptor } from '../../integration/images/oci-image.ts';

/** Images without compression, so that their archives are texts. All of them have the label that prunes ask for. */
const config = {
  Cmd: ['sh', '-c', 'true'],
  Env: ['A=b'],
  Labels: { 'cf-images': 'yes' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/v': {} },
  Healthcheck: { Test: ['CMD', 'true'], Interval: 5e9 },
  StopSignal: 'SIGINT',
};
const common = { config, plain: true };
const base = { base: 'shared by both' };

export const single = await buildImage({ layers: [base, { b: 'two'.repeat(10_000) }], ...common });
export const sibling = await buildImage({ layers: [base, { c: 'three' }], ...common, created: '2025-01-01T00:00:00Z' });
const arm = await buildImage({ layers: [{ arm: 'four' }], architecture: 'arm64', ...common });
const platform = (architecture: string, variant?: string): Descriptor['platform'] => ({
  ...{ os: 'linux', architecture },
  ...(variant !== undefined && { variant }),
});
/** Another than `single`: lists have an order only by time. */
const amd = await buildImage({ layers: [{ amd: 'five' }], ...common, created: '2025-03-01T00:00:00Z' });
export const index = buildIndex([
  { ...amd, platform: platform('amd64') },
  { ...arm, platform: platform('arm64', 'v8') },
]);

export const archive = (
  await ociArchive([
    { name: 'cf-images/single:1', image: single },
    { name: 'cf-images/sibling:1', image: sibling },
    { name: 'cf-images/index:1', image: index },
  ])
).toString();
export const brokenArchive = archive.slice(0, archive.length / 2);
