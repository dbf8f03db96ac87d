import { z } from 'zod';
import { describeIssue } from '../../config/config-error.ts';
import type { OperationName } from '../../api/operations.ts';
import type { StreamName } from '../../api/streams.ts';
import { settingsSchema } from '../../config/settings-file.ts';

const text = z.string({ error: 'a string' });
const name = text.min(1, 'a name or an id');
const flag = z.boolean({ error: 'true or false' });
const object = (shape: z.ZodRawShape) => z.strictObject(shape, { error: 'an object' });
/** Judged by whoever keeps them, in their own words. */
const settings = z.unknown();
const tail = z.coerce
  .number({ error: 'a number of lines' })
  .int('a whole number')
  .min(0, '0 or more')
  .max(100_000, 'at most 100000');

const nothing = object({});
const target = object({ id: name });
const removal = object({ id: name, force: flag });

/** What each operation takes. */
export const requestSchemas: Record<OperationName | StreamName, z.ZodType> = {
  status: nothing,
  start: settingsSchema,
  stop: nothing,
  restart: nothing,
  doctor: nothing,
  'settings.get': nothing,
  'settings.validate': object({ settings }),
  'settings.apply': object({ settings, restart: flag, base: settings.optional() }),
  'settings.startAtLogin': object({ enabled: flag }),
  'engineConfig.get': nothing,
  'engineConfig.validate': object({ text }),
  'engineConfig.apply': object({ text, base: text, restart: flag }),
  'containers.list': object({ id: name.optional() }),
  'containers.start': target,
  'containers.stop': target,
  'containers.restart': target,
  'containers.unpause': target,
  'containers.remove': removal,
  'images.list': nothing,
  'images.remove': removal,
  'volumes.list': nothing,
  'volumes.remove': object({ name }),
  events: nothing,
  logs: object({ tail }),
  'containers.logs': object({ id: name, tail }),
};

/** The request, or an error that names the key, what was expected and what is there. */
export function parseRequest<T>(name: OperationName | StreamName, value: unknown): T {
  const given = value ?? {};
  const result = requestSchemas[name].safeParse(given);
  if (result.success) return result.data as T;
  throw Object.assign(describeIssue(name, result.error, given), { statusCode: 400 });
}
