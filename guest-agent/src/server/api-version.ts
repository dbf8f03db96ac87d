import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { apiVersion, InvalidParameterError, minApiVersion } from '../api/index.ts';
import { escapeLinkName } from './link-names.ts';

const requested = new WeakMap<IncomingMessage, string>();
const prefix = /^\/v([0-9.]+)(?=\/)/;

/** Numbers compare part by part: 1.9 < 1.24. */
function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** Fastify's `rewriteUrl`: routes are written without the version prefix, the version is kept aside. */
export function stripVersion(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const match = prefix.exec(url);
  if (!match?.[1]) return escapeLinkName(url);
  requested.set(request, match[1]);
  return escapeLinkName(url.slice(match[0].length));
}

/** API version the client asked for; the newest when it named none. */
export function versionOf(request: FastifyRequest): string {
  return requested.get(request.raw) ?? apiVersion;
}

/** True where the client speaks an API older than `version`. */
export function olderThan(request: FastifyRequest, version: string): boolean {
  return compareVersions(versionOf(request), version) < 0;
}

/** A client below the minimum predates JSON errors and is told in plain text, as dockerd does. */
export class ClientTooOldError extends InvalidParameterError {}

export function checkVersions(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    reply.header('Api-Version', apiVersion);
    const version = versionOf(request);
    if (compareVersions(version, minApiVersion) < 0) {
      throw new ClientTooOldError(
        `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`,
      );
    }
    if (compareVersions(version, apiVersion) > 0) {
      throw new InvalidParameterError(
        `client version ${version} is too new. Maximum supported API version is ${apiVersion}`,
      );
    }
  });
}
