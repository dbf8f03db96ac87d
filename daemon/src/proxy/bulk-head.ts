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

/** Does a bulk request begin here? No, if the chunk does not hold the whole of its head, or it asks for an upgrade. */
export function beginsBulk(chunk: Buffer): boolean {
  if (!/^(?:GET|PUT|POST) /.test(chunk.toString('latin1', 0, longestMethod))) return false;
  const end = chunk.indexOf('\r\n\r\n', 0, 'latin1');
  const head = chunk.toString('latin1', 0, end + 2);
  return end !== -1 && bulk.test(head) && !/\r\nupgrade\s*:/i.test(head);
}
