import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { ReportChanges } from './change-watch.ts';
import { RealPaths } from './real-paths.ts';
import { RememberedAttributes } from './remembered-attributes.ts';
import { serveSftp } from './sftp/server.ts';
import { SharedFolder } from './shared-folder.ts';
import { type Located, locate, makeSource, sharesOf } from './shares.ts';

export interface HostFilesOptions {
  /** The folders that are shared, asked anew for every container: a change of the settings counts at once. */
  folders: () => Promise<readonly string[]>;
  /** Where owners and modes are kept. */
  attributesDir: string;
  /** The file that names the folders, for messages. */
  settingsFile: string;
}

/** Who a share is served to. */
export interface ShareClient {
  connect: () => Promise<Duplex>;
  /** Hears of what others than this client do in the folders that it has looked at. */
  report: ReportChanges;
}

/** The guest asks for a folder that is not shared (any more). */
export class NotSharedError extends Error {
  override readonly name = 'NotSharedError';
}

/** This host's folders, as far as they are shared with the machine. */
export class HostFiles implements AsyncDisposable {
  readonly #options: HostFilesOptions;
  readonly #remembered = new Map<string, Promise<RememberedAttributes>>();
  readonly #streams = new Set<Duplex>();
  readonly #realPaths = new RealPaths();

  constructor(options: HostFilesOptions) {
    this.#options = options;
  }

  /** Where a bind source is in the shares; `create`: it is made where it is missing. null: outside of all. */
  async locate(source: string, { create }: { create: boolean }): Promise<Located | null> {
    const located = await locate(source, await sharesOf(await this.#options.folders()));
    if (!located || located.exists || !create) return located;
    await makeSource(located);
    return { ...located, exists: true };
  }

  /** One line that says why a source cannot be mounted, and how it could. */
  async refusal(source: string): Promise<string> {
    const folders = (await sharesOf(await this.#options.folders())).map(({ folder }) => folder);
    const shared = folders.length === 0 ? 'nothing is' : `only these folders are: ${folders.join(', ')}`;
    return `${source} is not shared with the machine (${shared}); add it to "shares" in ${this.#options.settingsFile}`;
  }

  /** Opens the client's stream and serves the share on it until it ends. Rejects with {@link NotSharedError}. */
  async serve(shareId: string, { connect, report }: ShareClient): Promise<void> {
    const share = (await sharesOf(await this.#options.folders())).find(({ id }) => id === shareId);
    if (!share) throw new NotSharedError('the folder is not shared any more');
    const remembered = await this.#rememberedOf(shareId);
    const stream = await connect();
    this.#streams.add(stream);
    const folder = new SharedFolder(share.folder, { remembered, report, realPaths: this.#realPaths });
    void serveSftp(stream, folder).then(() => {
      folder[Symbol.dispose]();
      this.#streams.delete(stream);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    for (const remembered of this.#remembered.values()) await (await remembered)[Symbol.asyncDispose]();
  }

  #rememberedOf(shareId: string): Promise<RememberedAttributes> {
    let remembered = this.#remembered.get(shareId);
    if (!remembered) this.#remembered.set(shareId, (remembered = this.#open(shareId)));
    return remembered;
  }

  async #open(shareId: string): Promise<RememberedAttributes> {
    await mkdir(this.#options.attributesDir, { recursive: true, mode: 0o700 });
    return await RememberedAttributes.open(path.join(this.#options.attributesDir, `${shareId}.json`));
  }
}
