import type { ContainerDependencies } from '../containers/dependencies.ts';
import type { ExecStore } from './exec-store.ts';

export interface ExecDependencies extends Pick<
  ContainerDependencies,
  'tasks' | 'rootfs' | 'events' | 'fifos' | 'root' | 'log' | 'specHost' | 'fault' | 'store' | 'networks' | 'settings'
> {
  execs: ExecStore;
}
