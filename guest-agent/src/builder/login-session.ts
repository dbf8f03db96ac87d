import { randomUUID } from 'node:crypto';
import { duplexPair } from 'node:stream';
import { Server, ServerCredentials, type handleUnaryCall, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { AuthDefinition, type CredentialsRequest, type CredentialsResponse } from '../gen/buildkit/auth.ts';
import { HealthDefinition, type HealthCheckRequest, type HealthCheckResponse } from '../gen/buildkit/health.ts';
import { loginOf, type RegistryCredentials } from '../images/registry/credentials.ts';
import { forwardSession } from './forward-session.ts';

/** A session in which BuildKit asks for the credentials of registries. */
export interface LoginSession extends AsyncDisposable {
  id: string;
}

const serving: HealthCheckResponse = { status: 1 };

/** Opens a session on buildkitd's socket that answers with these logins, and with none for other registries. */
export function openLoginSession(socket: string, logins: Readonly<Record<string, RegistryCredentials>>): LoginSession {
  const id = randomUUID();
  const server = new Server();
  const credentials: handleUnaryCall<CredentialsRequest, CredentialsResponse> = ({ request }, answer) =>
    answer(null, credentialsFor(request.Host, logins));
  serve(server, AuthDefinition, { credentials });
  const check: handleUnaryCall<HealthCheckRequest, HealthCheckResponse> = (_call, answer) => answer(null, serving);
  serve(server, HealthDefinition, { check });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const [ours, theirs] = duplexPair();
  injector.injectConnection(ours);
  const headers = {
    'x-docker-expose-session-uuid': id,
    'x-docker-expose-session-name': 'berth',
    'x-docker-expose-session-grpc-method': `/${AuthDefinition.fullName}/${AuthDefinition.methods.credentials.name}`,
  };
  const ended = forwardSession({ client: theirs, headers, socket });
  return {
    id,
    [Symbol.asyncDispose]: async () => {
      injector.destroy();
      server.forceShutdown();
      ours.destroy();
      theirs.destroy();
      await ended;
    },
  };
}

interface Definition {
  fullName: string;
  methods: Record<string, { name: string; requestType: Decoder; responseType: Encoder }>;
}
interface Decoder {
  decode(bytes: Uint8Array): object;
}
interface Encoder {
  encode(message: never): { finish(): Uint8Array };
}

function serve(server: Server, { fullName, methods }: Definition, handlers: UntypedServiceImplementation): void {
  const entries = Object.entries(methods).map(([key, { name, requestType, responseType }]) => [
    key,
    {
      path: `/${fullName}/${name}`,
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
      responseSerialize: (message: never) => Buffer.from(responseType.encode(message).finish()),
    },
  ]);
  server.addService(Object.fromEntries(entries), handlers);
}

/** Docker's name for its own registry in the logins of a client, and BuildKit's. */
const dockerLogin = 'https://index.docker.io/v1/';
const dockerHost = 'registry-1.docker.io';

/** The login kept for a host, with or without scheme and path around it. */
export function credentialsFor(
  host: string,
  logins: Readonly<Record<string, RegistryCredentials>>,
): CredentialsResponse {
  const wanted = host === dockerHost || host === 'docker.io' ? dockerLogin : host;
  const login = logins[wanted] ?? Object.entries(logins).find(([key]) => hostOf(key) === hostOf(wanted))?.[1];
  if (login === undefined) return { Username: '', Secret: '' };
  if (login.identitytoken) return { Username: '', Secret: login.identitytoken };
  const { user = '', password = '' } = loginOf(login) ?? {};
  return { Username: user, Secret: password };
}

const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
