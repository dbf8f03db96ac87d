/** The guest's address on QEMU's user network. It is the same for every guest, the image counts on it. */
export const guestAddress = '10.0.2.15';
/** Where the agent serves the link; nothing else in the guest listens on its own address there. */
export const linkPort = 4000;

/** The host port that QEMU chose for the link, out of the monitor's `info usernet`; null if there is none. */
export function parseLinkPort(usernet: string): number | null {
  const line = new RegExp(`HOST_FORWARD\\]\\s+\\d+\\s+127\\.0\\.0\\.1\\s+(\\d+)\\s+${guestAddress}\\s+${linkPort}\\s`);
  const match = line.exec(`${usernet} `);
  return match ? Number(match[1]) : null;
}
