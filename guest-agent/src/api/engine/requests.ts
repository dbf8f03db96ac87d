import { containerConfigFields } from './container-config.ts';
import { networkingConfig } from './endpoint.ts';
import { hostConfig } from './host-config.ts';
import type { Decoded } from './shape.ts';
import { bool, list, pointer, str, struct, uint } from './shape.ts';

/** POST /containers/create. Go embeds the config in an unnamed struct, hence the empty name in its errors. */
export const createRequest = struct(
  '',
  {
    ...containerConfigFields,
    HostConfig: pointer(hostConfig),
    NetworkingConfig: pointer(networkingConfig),
  },
  'container.CreateRequest',
);
export type CreateRequest = Decoded<typeof createRequest>;

/** POST /containers/{id}/exec. */
export const execCreateRequest = struct('ExecOptions', {
  User: str,
  Privileged: bool,
  Tty: bool,
  ConsoleSize: list(uint),
  AttachStdin: bool,
  AttachStderr: bool,
  AttachStdout: bool,
  DetachKeys: str,
  Env: list(str),
  WorkingDir: str,
  Cmd: list(str),
});
export type ExecCreateRequest = Decoded<typeof execCreateRequest>;

/** POST /exec/{id}/start. */
export const execStartRequest = struct('ExecStartOptions', { Detach: bool, Tty: bool, ConsoleSize: list(uint) });
export type ExecStartRequest = Decoded<typeof execStartRequest>;
