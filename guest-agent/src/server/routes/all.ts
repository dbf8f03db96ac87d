import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../engine.ts';
import { buildRoutes } from './build.ts';
import { buildSessionRoutes } from './build-session.ts';
import { commitRoutes } from './commit.ts';
import { containerWebSocketRoutes } from './container-attach-ws.ts';
import { containerFileRoutes } from './container-files.ts';
import { containerLiveRoutes } from './container-live.ts';
import { containerStreamRoutes } from './container-streams.ts';
import { containerRoutes } from './containers.ts';
import { execRoutes } from './exec.ts';
import { imageRoutes } from './images.ts';
import { networkRoutes } from './networks.ts';
import { notBuiltRoutes } from './not-built.ts';
import { volumeRoutes } from './volumes.ts';
import { authRoutes } from './auth.ts';
import { distributionRoutes } from './distribution.ts';
import { swarmRoutes } from './swarm.ts';
import { systemRoutes } from './system.ts';

/** Every route of the Engine API, bound to the engine. */
export function engineRoutes(engine: Engine): Array<(app: FastifyInstance) => void> {
  return [
    (app) => systemRoutes(app, engine),
    (app) => containerRoutes(app, engine),
    (app) => containerStreamRoutes(app, engine),
    (app) => containerWebSocketRoutes(app, engine),
    (app) => containerLiveRoutes(app, engine),
    (app) => containerFileRoutes(app, engine),
    (app) => commitRoutes(app, engine),
    (app) => execRoutes(app, engine),
    (app) => imageRoutes(app, engine),
    (app) => buildRoutes(app, engine),
    (app) => buildSessionRoutes(app, engine),
    (app) => authRoutes(app, engine),
    (app) => distributionRoutes(app, engine),
    (app) => networkRoutes(app, engine),
    (app) => volumeRoutes(app, engine),
    swarmRoutes,
    notBuiltRoutes,
  ];
}
