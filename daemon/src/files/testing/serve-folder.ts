import { duplexPair, type Duplex } from 'node:stream';
import type { ReportChanges } from '../change-watch.ts';
import { RememberedAttributes } from '../remembered-attributes.ts';
import { serveSftp } from '../sftp/server.ts';
import { SharedFolder } from '../shared-folder.ts';

export interface ServedFolder {
  root: string;
  attributesFile: string;
  report: ReportChanges;
}

/** The client's end of a stream on which a folder is served, as the daemon serves shares. */
export async function serveFolder({ root, attributesFile, report }: ServedFolder): Promise<Duplex> {
  const [near, far] = duplexPair();
  const remembered = await RememberedAttributes.open(attributesFile);
  const folder = new SharedFolder(root, { remembered, report });
  void serveSftp(far, folder).then(async () => {
    folder[Symbol.dispose]();
    await remembered[Symbol.asyncDispose]();
  });
  return near;
}
