/** A container, as far as images are concerned. */
export interface ImageUser {
  containerId: string;
  /** Digest of the image's manifest or index. */
  imageId: string;
  /** Digest of the manifest used. */
  manifestDigest?: string;
  /** Digests of images whose files it has mounted. */
  mountedImages?: readonly string[];
  /** The image as the user named it. */
  configImage: string;
  running: boolean;
}

/** Its own image, or one whose files it has mounted. */
export const usesImage = ({ imageId, mountedImages }: ImageUser, id: string): boolean =>
  imageId === id || (mountedImages?.includes(id) ?? false);

/** Tells which containers there are; the container store is one. */
export interface ImageUse {
  containers(): ImageUser[];
}
