import { ConflictError, ForbiddenError } from '../api/index.ts';
import { formatAddress, sizeOf, type Subnet } from './subnet.ts';

/** Hands out the addresses of one subnet, lowest free first; network and broadcast address are never given. */
export class AddressPool {
  readonly subnet: Subnet;
  readonly #taken = new Set<number>();

  constructor(subnet: Subnet) {
    this.subnet = subnet;
  }

  take(): number {
    const last = this.subnet.base + sizeOf(this.subnet) - 2;
    for (let address = this.subnet.base + 1; address <= last; address++) {
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw new ForbiddenError("no available IPv4 addresses on this network's address pools");
  }

  /** A particular address; ConflictError when it is in use. */
  reserve(address: number): void {
    if (address <= this.subnet.base || address >= this.subnet.base + sizeOf(this.subnet)) {
      throw new ForbiddenError(`no configured subnet contains IP address ${formatAddress(address)}`);
    }
    if (this.#taken.has(address)) throw new ConflictError('Address already in use');
    this.#taken.add(address);
  }

  release(address: number): void {
    this.#taken.delete(address);
  }
}
