/**
 * Places between two steps of a verb where a test makes something fail. Each is named verb:after-step, and reached
 * with nothing but an undefined check while no test asks for it.
 */
export type FaultPoint =
  | 'create:after-name'
  | 'create:after-volumes'
  | 'create:after-rootfs'
  | 'create:after-folder'
  | 'create:after-record'
  | 'start:after-state'
  | 'start:after-network'
  | 'start:after-spec'
  | 'start:after-task'
  | 'start:after-process'
  | 'start:after-running'
  | 'stop:after-signal'
  | 'stop:after-exit'
  | 'kill:after-mark'
  | 'kill:after-signal'
  | 'exit:after-drain'
  | 'exit:after-ports'
  | 'exit:after-state'
  | 'exit:after-release'
  | 'pause:after-freeze'
  | 'unpause:after-thaw'
  | 'remove:after-mark'
  | 'remove:after-rootfs'
  | 'remove:after-volumes'
  | 'exec:after-streams'
  | 'exec:after-create'
  | 'exec:after-start'
  | 'exec:after-exit'
  | 'network-create:after-record'
  | 'network-create:after-link'
  | 'network-remove:after-record'
  | 'connect:after-wire'
  | 'connect:after-sandbox'
  | 'disconnect:after-unwire'
  | 'disconnect:after-sandbox'
  | 'commit:after-freeze'
  | 'commit:after-image';

/** Called at a point; rejects when the test wants the step to fail. `containerId`: whose verb it is. */
export type Fault = (point: FaultPoint, containerId: string) => Promise<void>;
