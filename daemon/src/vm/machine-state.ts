import type { StartPhase, StartTimings } from '../api/status.ts';
import type { RunningVm, VmDriver, VmSpec } from './driver.ts';

/*
 *              start                    engine answers
 *   stopped ───────────► starting ──────────────────────► running
 *    ▲  ▲                 │    │                           │   │
 *    │  └──── cancelled ──┘    │ error      it ended itself│   │ stop
 *    │                         ▼                           │   ▼
 *    │                       failed ◄──────────────────────┘ stopping
 *    │                         │ start: as from stopped        │
 *    └─────────────────────────┴────────── stop ───────────────┘
 */
export type MachineState =
  | { name: 'stopped' }
  | { name: 'starting'; attempt: StartAttempt }
  | { name: 'running'; machine: RunningMachine }
  | { name: 'stopping'; done: Promise<void> }
  | { name: 'failed'; problem: string; consoleTail: string };

/** What the rest of the daemon does with a VM that runs: session, published ports, clock. */
export interface GuestAttachment extends AsyncDisposable {
  /** Asks the agent to end all containers and the guest; never rejects, since the driver ends it anyway. */
  shutdown(): Promise<void>;
  warnings(): string[];
}

/** A start that goes on. Whoever asks meanwhile joins it; it is given up when all of them have left. */
export interface StartAttempt {
  /** It takes over what runs and starts nothing. */
  adoptOnly: boolean;
  done: Promise<void>;
  phases: StartPhase[];
  cancel: AbortController;
  listeners: Set<(phase: StartPhase) => void>;
}

/** Only here can the guest be reached. */
export interface RunningMachine {
  driver: VmDriver;
  spec: VmSpec;
  vm: RunningVm;
  guest: GuestAttachment;
  timings: StartTimings;
}
