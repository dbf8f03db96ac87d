import { NotImplementedError } from './api/index.ts';
import type { ContainerVolumes } from './containers/dependencies.ts';

export type Volumes = ContainerVolumes;

const refuse = async (): Promise<never> => {
  throw new NotImplementedError('volumes: berth does not have this yet');
};

export const openVolumes = async (_options: object): Promise<Volumes> => ({
  create: refuse,
  mount: refuse,
  unmount: refuse,
  remove: refuse,
});
