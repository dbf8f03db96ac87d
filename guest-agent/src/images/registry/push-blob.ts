import type { Repository } from './client.ts';
import { readText } from './read-text.ts';
import type { RegistryResponse } from './transport.ts';

export async function blobExists(repository: Repository, digest: string, signal?: AbortSignal): Promise<boolean> {
  const response = await repository.send({ method: 'HEAD', path: repository.path(`blobs/${digest}`), signal });
  response.body.resume();
  if (response.status === 404) return false;
  if (response.status !== 200) throw await repository.failure(digest, 'HEAD', response);
  return true;
}

/**
 * Starts an upload; with `from` the registry may take the blob out of that repository of its own instead.
 * Answers where to send it, undefined when it was mounted.
 */
export async function startUpload(
  repository: Repository,
  { digest, from, signal }: { digest: string; from: string | undefined; signal?: AbortSignal },
): Promise<URL | undefined> {
  const query = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from }).toString()}`;
  const path = repository.path(`blobs/uploads/${query}`);
  const response = await repository.send({ method: 'POST', path, headers: { 'Content-Length': '0' }, signal });
  if (response.status === 201 && from !== undefined) return void response.body.resume();
  if (response.status !== 202 && response.status !== 201) throw await repository.failure(digest, 'POST', response);
  await readText(response.body);
  return locationOf(response);
}

/** `reference` is a tag or the manifest's digest. */
export async function putManifest(
  repository: Repository,
  reference: string,
  { mediaType, bytes, signal }: { mediaType: string; bytes: Buffer; signal?: AbortSignal },
): Promise<void> {
  const path = repository.path(`manifests/${reference}`);
  const response = await repository.send({
    method: 'PUT',
    path,
    headers: { 'Content-Type': mediaType },
    body: bytes,
    signal,
  });
  if (response.status < 200 || response.status > 299) throw await repository.failure(reference, 'PUT', response);
  await readText(response.body);
}

function locationOf({ headers, url }: RegistryResponse): URL {
  return new URL(typeof headers.location === 'string' ? headers.location : '', url);
}
