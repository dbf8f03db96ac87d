import type { Download } from './downloads.ts';
import type { OciDescriptor } from './oci.ts';
import { progressMessage, shortDigest, type ProgressMessage } from './progress.ts';
import type { UnpackStage } from './unpacker.ts';

const everyMs = 100;

/** Says how a pull's layers are doing, ten times a second and at each step. */
export class PullProgress implements Disposable {
  readonly #write: (message: ProgressMessage) => void;
  readonly #downloading = new Map<string, { descriptor: OciDescriptor; download: Download; shown: number }>();
  readonly #extracting = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(write: (message: ProgressMessage) => void) {
    this.#write = write;
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  announce({ digest }: OciDescriptor): void {
    this.#write(progressMessage(shortDigest(digest), 'Pulling fs layer'));
  }

  /** Follows a download to its end. */
  async follow(descriptor: OciDescriptor, download: Download): Promise<void> {
    const { digest } = descriptor;
    this.#downloading.set(digest, { descriptor, download, shown: 0 });
    try {
      await download.finished;
    } finally {
      this.#downloading.delete(digest);
    }
    const status = download.existed ? 'Already exists' : 'Download complete';
    this.#write(progressMessage(shortDigest(digest), status, { hidecounts: true }));
  }

  unpacking({ digest }: OciDescriptor, stage: UnpackStage): void {
    if (stage === 'extracting') {
      this.#extracting.set(digest, Date.now());
      this.#showExtracting(digest, Date.now());
      return;
    }
    this.#extracting.delete(digest);
    this.#write(progressMessage(shortDigest(digest), 'Pull complete', { hidecounts: true }));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick() {
    for (const entry of this.#downloading.values()) {
      const { offset } = entry.download;
      if (offset === entry.shown) continue;
      entry.shown = offset;
      const detail = { current: offset, total: entry.descriptor.size };
      this.#write(progressMessage(shortDigest(entry.descriptor.digest), 'Downloading', detail));
    }
    for (const [digest, sinceMs] of this.#extracting) this.#showExtracting(digest, sinceMs);
  }

  #showExtracting(digest: string, sinceMs: number) {
    const current = 1 + Math.floor((Date.now() - sinceMs) / 1000);
    this.#write(progressMessage(shortDigest(digest), 'Extracting', { current, units: 's' }));
  }
}
