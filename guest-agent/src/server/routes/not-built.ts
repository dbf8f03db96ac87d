import type { FastifyInstance, HTTPMethods } from 'fastify';
import { NotImplementedError } from '../../api/index.ts';

/** Routes of API 1.51 that this engine does not have yet, with what they are for. */
const routes: ReadonlyArray<readonly [HTTPMethods, string, string]> = [
  ['POST', '/plugins/pull', 'plugins'],
  ['POST', '/plugins/create', 'plugins'],
  ['GET', '/plugins/privileges', 'plugins'],
  ['GET', '/plugins/:name/json', 'plugins'],
  ['POST', '/plugins/:name/enable', 'plugins'],
  ['POST', '/plugins/:name/disable', 'plugins'],
  ['POST', '/plugins/:name/upgrade', 'plugins'],
  ['POST', '/plugins/:name/push', 'plugins'],
  ['POST', '/plugins/:name/set', 'plugins'],
  ['DELETE', '/plugins/:name', 'plugins'],
];

/** Experimental in dockerd, and answered as by one that is not started so. */
const experimental: ReadonlyArray<readonly [HTTPMethods, string]> = [
  ['GET', '/containers/:id/checkpoints'],
  ['POST', '/containers/:id/checkpoints'],
  ['DELETE', '/containers/:id/checkpoints/:checkpoint'],
];

const notExperimental =
  'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.';

/** Answers 501 with the feature's name, so that nobody takes a missing feature for a missing object. */
export function notBuiltRoutes(app: FastifyInstance): void {
  for (const [method, url] of experimental) {
    app.route({
      method,
      url,
      handler: async () => {
        throw new NotImplementedError(notExperimental);
      },
    });
  }
  for (const [method, url, feature] of routes) {
    app.route({
      method,
      url,
      handler: async () => {
        throw new NotImplementedError(`${feature}: berth does not have this yet`);
      },
    });
  }
}
