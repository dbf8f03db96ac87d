import { connectStream } from '../../connect.ts';
import { GuestLink } from '../../guest-link.ts';

const connectTimeoutMs = 5_000;

/**
 * The link through the machine's virtio-serial port, whose other end here is a unix socket of QEMU's that only its owner
 * can use. It lives as long as QEMU.
 */
export async function connectSerialLink(socketPath: string, signal: AbortSignal): Promise<GuestLink> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]);
  const carrier = await connectStream({ path: socketPath }, either);
  const link = new GuestLink();
  link.attach(carrier);
  return link;
}
