import { ForbiddenError } from '../api/index.ts';
import { type Family, formatAddress, parseAddress, sizeOf, type Subnet } from './cidr.ts';

/** Hands out the addresses of one subnet, or of a range in it, lowest free first. */
export class AddressPool {
  readonly subnet: Subnet;
  readonly #range: Subnet;
  readonly #taken = new Set<bigint>();

  /** `range` null: all of the subnet. */
  constructor(subnet: Subnet, range: Subnet | null = null) {
    this.subnet = subnet;
    this.#range = range ?? subnet;
  }

  get family(): Family {
    return this.subnet.family;
  }

  /** The network's own address is never given, nor an IPv4 broadcast address. null: there is none left. */
  take(): string | null {
    const { base, family } = this.#range;
    const end = base + sizeOf(this.#range);
    for (let address = base; address < end; address++) {
      if (this.#taken.has(address) || this.#isSpecial(address)) continue;
      this.#taken.add(address);
      return formatAddress(address, family);
    }
    return null;
  }

  /** A particular address; ForbiddenError `Address already in use` when it is taken. */
  reserve(text: string): void {
    const address = parseAddress(text);
    if (address < this.subnet.base || address >= this.subnet.base + sizeOf(this.subnet)) {
      throw new ForbiddenError(`no configured subnet contains IP address ${text}`);
    }
    if (this.#taken.has(address) || this.#isSpecial(address)) throw new ForbiddenError('Address already in use');
    this.#taken.add(address);
  }

  release(text: string): void {
    this.#taken.delete(parseAddress(text));
  }

  #isSpecial(address: bigint): boolean {
    const { base, family, prefix } = this.subnet;
    if (family === 4 && prefix >= 31) return false;
    return address === base || (family === 4 && address === base + sizeOf(this.subnet) - 1n);
  }
}
