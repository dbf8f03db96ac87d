/** A container, as far as images are concerned. */
export interface ImageUser {
  containerId: string;
  /** Digest of the image's manifest or index. */
  imageId: string;
  /** Digest of the manifest used. */
  manifestDigest?: string;
  /** The image as the user named it. */
  configImage: string;
  running: boolean;
}

/** Tells which containers there are; the container store is one. */
export interface ImageUse {
  containers(): ImageUser[];
}
