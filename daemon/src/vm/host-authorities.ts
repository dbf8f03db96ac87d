import { getCACertificates, rootCertificates } from 'node:tls';

/**
 * PEM certificates of the authorities that this host trusts beyond the public ones, which a guest knows itself: those
 * of a company, say. Node reads the keychain of macOS, the stores of Windows and OpenSSL's folders on Linux.
 */
export function hostAuthorities(): string[] {
  return beyond(getCACertificates('system'), rootCertificates);
}

/** Those of `all` that `known` lacks, each once, whatever their lines look like. */
export function beyond(all: readonly string[], known: readonly string[]): string[] {
  const seen = new Set(known.map(bodyOf));
  return all.filter((certificate) => {
    const body = bodyOf(certificate);
    if (seen.has(body)) return false;
    seen.add(body);
    return true;
  });
}

const bodyOf = (certificate: string): string => certificate.replace(/-----[A-Z ]+-----|\s/g, '');
