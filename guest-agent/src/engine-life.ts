import os from 'node:os';
import type { AgentConfig } from './config.ts';
import type { Boot } from './boot.ts';
import type { Builder } from './builder/builder.ts';
import type { Containerd } from './containerd/connect.ts';
import type { ContainerDependencies } from './containers/dependencies.ts';
import { monitorExits } from './containers/exit-monitor.ts';
import type { HostPorts } from './containers/host-ports.ts';
import { reconcileTasks } from './containers/reconcile.ts';
import { restoreContainers, startAtBoot } from './containers/restore.ts';
import { shutdownTimeoutMs, stopAllContainers } from './containers/shutdown.ts';
import { sweep } from './containers/sweep.ts';
import { powerOff } from './engine-parts.ts';
import type { EngineSettings } from './engine-settings.ts';
import { adoptExecs } from './exec/adopt-execs.ts';
import type { ExecDependencies } from './exec/dependencies.ts';
import { reconcileExecs } from './exec/reconcile-execs.ts';
import type { NetworkService } from './networks/network-service.ts';

/** From the machine's start to its end. */
export interface EngineLife {
  /** Milliseconds since boot at which the engine had been restored; 0: it has not. */
  readonly readyUptimeMs: number;
  /** Brings the machine and the records to each other; once, before clients are served. */
  restore(): Promise<void>;
  startAtBoot(): Promise<void>;
  /** Stops all containers, takes the networks down and, in a machine of its own, powers off. */
  shutdown(timeoutMs: number | null): Promise<void>;
  /** What {@link shutdown} may take; null: any time. */
  shutdownTimeoutMs(): number | null;
}

export interface EngineLifeParts {
  config: AgentConfig;
  settings: EngineSettings;
  boot: Boot;
  containerd: Containerd;
  networks: NetworkService;
  ports: HostPorts;
  builder: Builder;
  containers: ContainerDependencies;
  exec: ExecDependencies;
  startup: PromiseWithResolvers<void>;
  phase: { isShuttingDown: boolean };
}

const containerdTimeoutMs = 60_000;

/** Disposing it ends the watch over what runs, and nothing else. */
export function engineLife(parts: EngineLifeParts): EngineLife & Disposable {
  const { config, settings, boot, containerd, networks, ports, builder, containers, startup, phase } = parts;
  const watch = new AbortController();
  let readyUptimeMs = 0;
  return {
    get readyUptimeMs() {
      return readyUptimeMs;
    },
    async restore() {
      await Promise.all([networks.restore(), containerd.waitUntilReady({ timeoutMs: containerdTimeoutMs })]);
      await ports.restore();
      await restoreContainers(containers, !boot.isOver);
      watchTasks(parts, watch.signal);
      readyUptimeMs = Math.round(os.uptime() * 1000);
    },
    async startAtBoot() {
      startup.resolve();
      await boot.run(() => startAtBoot(containers));
    },
    shutdownTimeoutMs: () => shutdownTimeoutMs(settings, containers.store.all()),
    async shutdown(timeoutMs) {
      phase.isShuttingDown = true;
      await builder[Symbol.asyncDispose]();
      await boot.forget();
      await stopAllContainers(containers, timeoutMs);
      await networks.teardown();
      if (config.powerOffCommand) powerOff(config.powerOffCommand, containers.log);
    },
    [Symbol.dispose]: () => watch.abort(),
  };
}

function watchTasks({ containerd: { events }, containers, exec: execs }: EngineLifeParts, signal: AbortSignal): void {
  adoptExecs(execs, containers.store.all()).catch((error: unknown) => {
    containers.log.warn({ err: error }, 'execs of an earlier agent were not found');
  });
  const reconcile = async () => {
    await Promise.all([reconcileTasks(containers), reconcileExecs(execs), sweep(containers)]);
  };
  void monitorExits({ containers, execs, events, reconcile, signal });
}
