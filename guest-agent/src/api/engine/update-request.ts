import { resourceFields, restartPolicy } from './host-config.ts';
import type { Decoded } from './shape.ts';
import { struct } from './shape.ts';

/** POST /containers/{id}/update. */
export const updateRequest = struct('UpdateConfig', { ...resourceFields, RestartPolicy: restartPolicy });
export type UpdateRequest = Decoded<typeof updateRequest>;
