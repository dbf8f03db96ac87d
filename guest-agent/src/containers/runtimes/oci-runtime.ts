import { InvalidParameterError, SystemError } from '../../api/index.ts';
import { runcShim } from '../../containerd/containers.ts';

/** How containers are run under a name of `docker run --runtime`. */
export interface OciRuntime {
  /** containerd's name of the shim. */
  readonly shim: string;
  /** For containerd's runc shim: the program to run. */
  readonly binaryName?: string;
  /** For a shim of another kind, as daemon.json has them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** As /info shows it. */
  readonly view: Readonly<Record<string, unknown>>;
  /** Looks whether it can be used at all; throws dockerd's words if not. */
  readonly check?: () => void;
}

/** The runtime of that name; a name with a dot in it is containerd's name of a shim. */
export function runtimeOf({ runtimes }: { runtimes: Readonly<Record<string, OciRuntime>> }, name: string): OciRuntime {
  const configured = Object.hasOwn(runtimes, name) ? runtimes[name] : undefined;
  configured?.check?.();
  if (configured) return configured;
  if (!isShimName(name)) throw new InvalidParameterError(`unknown or invalid runtime name: ${name}`);
  return { shim: name, view: {} };
}

/** A slash would make it a path to any program. */
export const isShimName = (name: string): boolean => !name.includes('/') && /^[^.]+\./.test(name);

/** What containerd's runc shim is told. */
export function runcOptions({ shim, binaryName, options }: OciRuntime): Record<string, unknown> | undefined {
  if (shim !== runcShim) {
    if (options && Object.keys(options).length > 0) {
      throw new SystemError(`runtime type ${shim}: options are for ${runcShim} only`);
    }
    return undefined;
  }
  return { ...(binaryName !== undefined && { binaryName }), ...options };
}
