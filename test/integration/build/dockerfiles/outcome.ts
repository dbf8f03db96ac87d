import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { engineRequest } from '../../../helpers/engine-request.ts';

/** A Dockerfile with what is beside it in its context. */
export interface DockerfileCase {
  name: string;
  dockerfile: string;
  /** Contents by path; a path that ends with a slash is a folder, `-> x` a symbolic link to x, `#!` an executable. */
  files?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
}

/** What became of it, as far as two builders can be compared. */
export interface Outcome {
  status: number;
  /** What it failed with; null: it did not. */
  error: { message: string; code?: number } | null;
  /** The image's configuration. */
  config: object | null;
  /** What the image has beyond its base or has otherwise: kind, mode, owner, and what it holds. */
  files: Record<string, string> | null;
}

interface Message {
  aux?: { ID: string } | string;
  errorDetail?: { code?: number; message: string };
  message?: string;
}

/** dockerd's two builders, as `version` of a request names them. */
export type Builder = 'classic' | 'buildkit';

/** Builds a case and takes its image apart; the image is removed again. */
export async function outcomeOf(socketPath: string, builder: Builder, given: DockerfileCase): Promise<Outcome> {
  const version = builder === 'buildkit' ? '2' : '1';
  const { status, messages } = await build(socketPath, { ...given, query: { ...given.query, version } });
  const failed = messages.find(({ errorDetail, message }) => errorDetail ?? message);
  const error = errorOf(failed);
  // The classic builder tells of each stage.
  const ids = messages.map(({ aux }) => (typeof aux === 'object' ? aux.ID : undefined));
  const id = ids.findLast((each) => each !== undefined);
  if (error !== null || id === undefined) return { status, error, config: null, files: null };
  const config = await configOf(socketPath, id);
  const files = await filesOf(socketPath, id);
  await engineRequest(socketPath, { method: 'DELETE', path: `/v1.51/images/${id}?force=1` });
  return { status, error: null, config, files };
}

/** Without the names that a builder makes up. */
function errorOf(failed: Message | undefined): Outcome['error'] {
  const { code, message } = failed?.errorDetail ?? { message: failed?.message };
  if (message === undefined) return null;
  return { ...(code !== undefined && { code }), message: message.replace(/(?<=of ref )[a-z0-9]+::[a-z0-9]+/, 'REF') };
}

async function build(socketPath: string, given: DockerfileCase): Promise<{ status: number; messages: Message[] }> {
  const query = new URLSearchParams({ rm: '1', forcerm: '1', ...given.query }).toString();
  const headers = { 'Content-Type': 'application/x-tar' };
  const answer = Promise.withResolvers<{ status: number; body: string }>();
  const outgoing = request({ socketPath, method: 'POST', path: `/v1.51/build?${query}`, headers }, (incoming) => {
    const status = incoming.statusCode ?? 0;
    text(incoming).then((body) => answer.resolve({ status, body }), answer.reject);
  });
  outgoing.on('error', answer.reject);
  outgoing.end(await contextOf(given));
  const { status, body } = await answer.promise;
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return { status, messages: lines.map((line) => JSON.parse(line) as Message) };
}

async function contextOf({ dockerfile, files = {} }: DockerfileCase): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(0);
  // Somebody's files, as a client may send them.
  const owner = { uid: 1234, gid: 1234, mtime };
  for (const [name, content] of Object.entries({ Dockerfile: dockerfile, ...files })) {
    if (name.endsWith('/')) tar.entry({ ...owner, name, type: 'directory', mode: 0o755 });
    else if (content.startsWith('-> ')) tar.entry({ ...owner, name, type: 'symlink', linkname: content.slice(3) });
    else tar.entry({ ...owner, name, mode: content.startsWith('#!') ? 0o755 : 0o644 }, content);
  }
  tar.finalize();
  return await buffer(tar);
}

const compared = [
  ...['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'OnBuild', 'StopSignal'],
  ...['Healthcheck', 'Shell', 'ArgsEscaped'],
];

async function configOf(socketPath: string, id: string): Promise<object> {
  const { body } = await engineRequest(socketPath, { method: 'GET', path: `/v1.51/images/${id}/json` });
  const { Config } = JSON.parse(body) as { Config: Record<string, unknown> };
  const isThere = (value: unknown) => value !== null && value !== undefined && value !== '' && value !== false;
  return Object.fromEntries(compared.filter((key) => isThere(Config[key])).map((key) => [key, Config[key]]));
}

let base: Record<string, string> | undefined;

async function filesOf(socketPath: string, id: string): Promise<Record<string, string>> {
  base ??= await entriesOf(socketPath, 'busybox:latest');
  const known = base;
  const entries = Object.entries(await entriesOf(socketPath, id));
  return Object.fromEntries(entries.filter(([name, entry]) => known[name] !== entry));
}

/** What engines put into every container. */
const ofEngine = /^(?:\.dockerenv|dev|etc\/hostname|etc\/hosts|etc\/resolv\.conf|etc\/mtab|proc|sys)(?:\/|$)/;

async function entriesOf(socketPath: string, image: string): Promise<Record<string, string>> {
  const body = { Image: image, Cmd: ['none'] };
  const created = await engineRequest(socketPath, { method: 'POST', path: '/v1.51/containers/create', body });
  if (created.status !== 201) throw new Error(`create of ${image}: ${created.body}`);
  const { Id } = JSON.parse(created.body) as { Id: string };
  const parser = extract();
  request({ socketPath, path: `/v1.51/containers/${Id}/export` }, (incoming) => {
    if (incoming.statusCode === 200) incoming.pipe(parser);
    else text(incoming).then((body) => parser.destroy(new Error(`export of ${image}: ${body}`)), parser.destroy);
  }).end();
  const entries: Record<string, string> = {};
  for await (const entry of parser) {
    const { name, type, mode = 0, uid, gid, linkname } = entry.header;
    const content = await buffer(entry as unknown as Readable);
    const digest = content.length > 0 ? createHash('sha256').update(content).digest('hex').slice(0, 16) : '';
    const path = name.replace(/^\.?\//, '').replace(/\/$/, '');
    if (path === '' || ofEngine.test(path)) continue;
    entries[path] = [type, mode.toString(8), `${uid}:${gid}`, linkname ?? '', digest].join(' ').trimEnd();
  }
  await engineRequest(socketPath, { method: 'DELETE', path: `/v1.51/containers/${Id}?force=1` });
  return entries;
}
