import type { ContentClient } from '../containerd/content.ts';
import type { NamedReference } from './reference.ts';

const prefix = 'containerd.io/distribution.source.';
/** containerd's limit for a label, name and value together. */
const maxLabelBytes = 4096;

const keyFor = ({ domain }: NamedReference): string => prefix + domain.replace(/:\d+$/, '');

/** Says where a blob came from, so that a push to the same registry need not send it. */
export const sourceLabel = (reference: NamedReference): Record<string, string> => ({
  [keyFor(reference)]: reference.path,
});

/** Adds a repository to those that a blob is known to be in. */
export async function recordSource(
  content: Pick<ContentClient, 'info' | 'setLabels'>,
  digest: string,
  reference: NamedReference,
): Promise<void> {
  const key = keyFor(reference);
  const { labels } = await content.info(digest);
  const known = repositoriesIn(labels, reference);
  if (known.includes(reference.path)) return;
  const value = [...known, reference.path].sort().join(',');
  if (key.length + value.length < maxLabelBytes) await content.setLabels(digest, { [key]: value });
}

/** Repositories of the reference's registry in which the blob is, too. */
export function repositoriesIn(labels: Readonly<Record<string, string>>, reference: NamedReference): string[] {
  return (labels[keyFor(reference)] ?? '').split(',').filter((repository) => repository !== '');
}
