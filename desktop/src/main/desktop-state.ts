import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRow, ControlEvent, MachineStatus, NamedFinding } from '@berth/daemon/api';
import type { DaemonLink } from './daemon-link.ts';

/** What the tray shows. */
export interface DesktopState {
  /** null: no daemon answers. */
  status: MachineStatus | null;
  /** What a start is doing; null: none goes on. */
  phase: string | null;
  containers: readonly ContainerRow[];
  /** What has to be put right. */
  problems: readonly NamedFinding[];
}

export const nothingKnown: DesktopState = { status: null, phase: null, containers: [], problems: [] };

export interface FollowStateOptions {
  link: DaemonLink;
  onChange: (state: DesktopState) => void;
  signal: AbortSignal;
  /** Between two looks for a daemon. */
  retryMs?: number;
}

/** Keeps the state as the daemon tells it, until the signal aborts. */
export async function followState({ link, onChange, signal, retryMs = 2000 }: FollowStateOptions): Promise<void> {
  const follower = new StateFollower(link, onChange);
  while (!signal.aborted) {
    const following = { onMessage: (event: ControlEvent) => follower.take(event), signal };
    // A daemon that is not there, or ends, is what the state then says.
    await link.follow({ stream: 'events', request: {} }, following).catch(() => undefined);
    follower.forget();
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

class StateFollower {
  #state = nothingKnown;
  #reading = false;
  #changed = false;
  readonly #link: DaemonLink;
  readonly #onChange: (state: DesktopState) => void;

  constructor(link: DaemonLink, onChange: (state: DesktopState) => void) {
    this.#link = link;
    this.#onChange = onChange;
  }

  /** What cannot be asked now is asked at the next event. */
  async take(event: ControlEvent): Promise<void> {
    if (event.kind === 'progress') return this.#become({ phase: event.phase });
    if (event.kind === 'status') await this.#takeStatus(event.status);
    if (event.kind === 'lost' || (event.kind === 'engine' && event.type === 'container')) this.#readContainers();
  }

  forget(): void {
    this.#become(nothingKnown);
  }

  async #takeStatus(status: MachineStatus): Promise<void> {
    const running = status.state === 'running';
    this.#become({
      status,
      phase: status.state === 'starting' ? this.#state.phase : null,
      ...(!running && { containers: [] }),
    });
    // Looking costs something, and what is on its way will be somewhere else soon.
    if (status.state === 'starting' || status.state === 'stopping') return;
    const findings = await this.#link.call('doctor', {}).catch(() => []);
    this.#become({ problems: findings.filter(({ state }) => state === 'problem') });
  }

  /** One reading at a time, and once more for what came meanwhile: an old list never replaces a newer one. */
  #readContainers(): void {
    this.#changed = true;
    if (this.#reading) return;
    this.#reading = true;
    const read = async () => {
      while (this.#changed) {
        this.#changed = false;
        this.#become({ containers: await this.#link.call('containers.list', {}) });
      }
    };
    void read()
      .catch(() => undefined)
      .finally(() => (this.#reading = false));
  }

  #become(change: Partial<DesktopState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}
