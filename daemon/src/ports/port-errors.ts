/** A host port cannot be had. The message is dockerd's, without the part that names container and endpoint. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}
