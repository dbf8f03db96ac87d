import type { DescriptorJson, PlatformJson } from './image.ts';
import { str, struct } from './shape.ts';

/** GET /distribution/{name}/json. */
export interface DistributionInspect {
  Descriptor: DescriptorJson;
  Platforms: PlatformJson[] | null;
}

/** POST /auth. */
export const authConfig = struct('AuthConfig', {
  username: str,
  password: str,
  auth: str,
  email: str,
  serveraddress: str,
  identitytoken: str,
  registrytoken: str,
});

export interface AuthStatus {
  IdentityToken: string;
  Status: string;
}
