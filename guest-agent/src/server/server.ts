import Fastify, { type FastifyInstance } from 'fastify';
import { checkVersions, stripVersion } from './api-version.ts';
import { handleErrors } from './error-handler.ts';
import { routeUpgrades } from './hijack.ts';
import type { Logger } from '../logger.ts';

export interface EngineServerOptions {
  log: Logger;
  /** Value of the `Server` response header. */
  product: string;
  routes: Array<(app: FastifyInstance) => void>;
}

/** The Engine API over HTTP: everything that all routes have in common. Listening is the caller's. */
export function createEngineServer(options: EngineServerOptions): FastifyInstance {
  const app = Fastify({
    rewriteUrl: stripVersion,
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // As the daemon's: registry credentials and filters travel in request heads.
    http: { maxHeaderSize: 1024 * 1024 },
    // A log or an event stream stays open for as long as its client likes.
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 0,
  });
  app.removeAllContentTypeParsers();
  // Bodies stay streams; the routes that take JSON read it with readJson.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  handleErrors(app, options.log);
  checkVersions(app);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'Docker-Experimental': 'false', Ostype: 'linux', Server: options.product });
  });
  for (const register of options.routes) register(app);
  routeUpgrades(app, app.server);
  return app;
}
