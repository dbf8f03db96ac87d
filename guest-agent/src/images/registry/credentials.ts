/** What a client sends along to be used with a registry (X-Registry-Auth). */
export interface RegistryCredentials {
  username?: string;
  password?: string;
  /** user:password in base64, used where the two fields are absent. */
  auth?: string;
  serveraddress?: string;
  /** Refresh token for the registry's token server. */
  identitytoken?: string;
  /** Bearer token, used as it is. */
  registrytoken?: string;
}

/** Parses the header; what cannot be read counts as none, as with Docker. */
export function decodeCredentials(header: string | undefined): RegistryCredentials | undefined {
  if (!header) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** User and password, from either form; undefined when there is no user. */
export function loginOf({
  username,
  password,
  auth,
}: RegistryCredentials): { user: string; password: string } | undefined {
  if (username) return { user: username, password: password ?? '' };
  const [user = '', ...rest] = Buffer.from(auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return user ? { user, password: rest.join(':') } : undefined;
}
