/** Archives of containers and images and contexts of builds, either way. */
const bulk = new RegExp(
  [
    String.raw`^(?:GET (?:/v[\d.]+)?/(?:containers/[^/? ]+/(?:archive|export)|images/(?:get|[^? ]+/get))(?:\?[^ ]*)?`,
    String.raw`PUT (?:/v[\d.]+)?/containers/[^/? ]+/archive(?:\?[^ ]*)?`,
    String.raw`POST (?:/v[\d.]+)?/(?:images/load|build)(?:\?[^ ]*)?`,
    String.raw`POST (?:/v[\d.]+)?/images/create\?(?:[^ ]*&)?fromSrc=-[^ ]*) HTTP/1\.1\r\n`,
  ].join('|'),
);
const longestMethod = 'POST /'.length;
const emptyLine = '\r\n\r\n';

/**
 * What to send to the agent for a chunk with which a bulk request begins. null: it begins none, does not hold the whole
 * of its head, or asks for an upgrade.
 */
export function bulkHead(chunk: Buffer): Buffer | null {
  if (!/^(?:GET|PUT|POST) /.test(chunk.toString('latin1', 0, longestMethod))) return null;
  const end = chunk.indexOf(emptyLine, 0, 'latin1');
  if (end === -1) return null;
  const head = chunk.toString('latin1', 0, end + 2);
  if (!bulk.test(head) || /\r\nupgrade\s*:/i.test(head)) return null;
  return head.startsWith('GET') ? asLast(head, chunk.subarray(end + emptyLine.length)) : chunk;
}

/** Of a connection that is for one answer only, the agent makes what writes the answer the owner. */
function asLast(head: string, behind: Buffer): Buffer {
  const kept = head.split('\r\n').filter((line) => !/^(?:connection|keep-alive|proxy-connection)\s*:/i.test(line));
  return Buffer.concat([Buffer.from(`${kept.join('\r\n')}Connection: close${emptyLine}`, 'latin1'), behind]);
}
