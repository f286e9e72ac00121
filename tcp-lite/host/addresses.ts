import { addressVersion, canonicalAddress } from '../wire/address.js';
import { solicitedNodeAddress } from '../wire/neighbour-discovery.js';
import { isOnLink, parseInterfaceAddress } from './interface-address.js';
import type { InterfaceAddress } from './interface-address.js';

/** The addresses of a host's one interface and what follows from them: what is ours, what is near, what is a broadcast. */
export class HostAddresses {
  readonly own: readonly InterfaceAddress[];
  private readonly byText = new Map<string, InterfaceAddress>();
  private readonly solicitedNodes = new Set<string>();
  private readonly broadcasts = new Set(['255.255.255.255']);
  private readonly gateways: readonly string[];

  /** Addresses as `10.0.0.1/24`; gateways without prefix. Throws AddressError, InterfaceAddressError. */
  constructor(addresses: readonly string[], gateways: readonly string[] = []) {
    this.own = addresses.map(parseInterfaceAddress);
    this.gateways = gateways.map(canonicalAddress);
    for (const own of this.own) {
      this.byText.set(own.address, own);
      if (own.version === 6) this.solicitedNodes.add(solicitedNodeAddress(own.address));
      if (own.broadcast !== undefined) this.broadcasts.add(own.broadcast);
    }
  }

  has(address: string): boolean {
    return this.byText.has(address);
  }

  isBroadcast(address: string): boolean {
    return this.broadcasts.has(address);
  }

  /** Whether neighbour discovery for one of our addresses is sent to this group, or to all nodes. */
  isOurGroup(address: string): boolean {
    return this.solicitedNodes.has(address) || address === ALL_NODES;
  }

  /** The address to send from: one on the destination's network, or the first of its version. */
  sourceFor(version: 4 | 6, destination: string): string | undefined {
    const near = this.own.find((own) => isOnLink(own, destination) && own.prefixLength > 0);
    return (near ?? this.own.find((own) => own.version === version))?.address;
  }

  /** The neighbour that takes packets for `destination`: itself or a gateway. Undefined: there is no route. */
  nextHop(destination: string): string | undefined {
    if (this.isNear(destination)) return destination;
    const version = addressVersion(destination);
    return this.gateways.find((gateway) => addressVersion(gateway) === version);
  }

  isNear(address: string): boolean {
    return this.own.some((own) => isOnLink(own, address));
  }
}

export const ALL_NODES = 'ff02::1';
