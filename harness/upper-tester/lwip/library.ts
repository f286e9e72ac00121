import koffi from 'koffi';
import { groupsOf } from '../sockets/socket-address.js';

/** The package is not there, or its library is not the one that was expected. Exit status 3. */
export class LwipMissing extends Error {
  readonly exitStatus = 3;
  readonly remedy = 'run: sudo apt-get install liblwip0';
}

export interface LwipInterface {
  /** A TAP device of this namespace that exists already. */
  tap: string;
  ipv4: string;
  ipv6: string;
  gateway: string;
}

export type Lwip = ReturnType<typeof koffi.load>;

/** Loads the system's unmodified lwIP. Throws LwipMissing. */
export function loadLwip(): Lwip {
  try {
    return koffi.load('liblwip.so.0');
  } catch (error) {
    throw new LwipMissing(`lwIP cannot be loaded: ${(error as Error).message}`);
  }
}

/** struct netif has the size that the library's build gave it; this is several times the largest. */
const NETIF_ROOM = 8192;
const IPV6_PREFERRED = 0x30;

/**
 * Starts lwIP's own thread and puts its TAP interface up with both addresses. The returned memory is lwIP's netif and
 * must be kept. Throws LwipMissing when the interface cannot be made.
 */
export function startInterface(lwip: Lwip, config: LwipInterface): Uint8Array {
  // tapif takes the name of a device that is there from the environment, and would configure one by hand otherwise.
  const setenv = koffi.load(null).func('int setenv(const char *name, const char *value, int overwrite)') as (
    name: string,
    value: string,
    overwrite: number,
  ) => number;
  setenv('PRECONFIGURED_TAPIF', config.tap, 1);
  makeRoomForFrames(lwip);
  call(lwip, 'void tcpip_init(void *done, void *argument)')(null, null);
  const netif = new Uint8Array(new ArrayBuffer(NETIF_ROOM));
  call(lwip, 'void sys_lock_tcpip_core()')();
  try {
    const added = call(
      lwip,
      'void *netif_add(void *netif, const void *ip, const void *mask, const void *gateway, void *state, void *init, void *input)',
    )(
      netif,
      octets4(config.ipv4),
      octets4('255.255.255.0'),
      octets4(config.gateway),
      null,
      symbol(lwip, 'tapif_init'),
      symbol(lwip, 'tcpip_input'),
    );
    if (!added) throw new LwipMissing(`lwIP did not accept the interface ${config.tap}`);
    for (const name of ['netif_set_default', 'netif_set_up', 'netif_set_link_up']) {
      call(lwip, `void ${name}(void *netif)`)(netif);
    }
    call(lwip, 'void netif_create_ip6_linklocal_address(void *netif, uint8_t fromMac)')(netif, 1);
    const index = nativeMemory();
    const address = nativeMemory();
    groupsOf(config.ipv6).forEach((group, position) => address.writeUInt16BE(group, 2 * position));
    call(lwip, 'int8_t netif_add_ip6_address(void *netif, const void *address, void *index)')(
      netif,
      address,
      index,
    );
    const setState = call(lwip, 'void netif_ip6_addr_set_state(void *netif, int8_t index, uint8_t state)');
    for (const each of [0, index.readInt8(0)]) setState(netif, each, IPV6_PREFERRED);
    joinSolicitedNode(lwip, netif, address);
  } finally {
    call(lwip, 'void sys_unlock_tcpip_core()')();
  }
  return netif;
}

/**
 * Without it neighbour solicitations for the address are dropped: the TAP driver of lwIP does not claim MLD, so that
 * lwIP does not join by itself.
 */
function joinSolicitedNode(lwip: Lwip, netif: Uint8Array, address: Buffer): void {
  const group = nativeMemory();
  group.set([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff], 0);
  address.copy(group, 13, 13, 16);
  const join = call(lwip, 'int8_t mld6_joingroup_netif(void *netif, const void *group)');
  // ip6_addr_t carries the scope zone, the index of the interface, behind the address; loopback has the other one.
  for (const zone of [1, 2]) {
    group[16] = zone;
    join(netif, group);
  }
}

/**
 * Debian's 2.1.3+dfsg1-2 allots 592 octets to a packet buffer into which its other half writes up to 1536: a frame of more
 * than about 600 octets ends the process. The number is corrected in memory, the library stays as it is.
 */
function makeRoomForFrames(lwip: Lwip): void {
  const size: unknown = lwip.symbol('memp_PBUF_POOL', 'uint16_t');
  if ((koffi.decode(size, 'uint16_t') as number) >= BUFFER_ROOM) return;
  const mprotect = koffi
    .load(null)
    .func('int mprotect(uintptr_t address, size_t length, int protection)') as unknown as (
    address: bigint,
    length: number,
    protection: number,
  ) => number;
  const page = BigInt(koffi.address(size)) & ~(PAGE - 1n);
  if (mprotect(page, Number(PAGE), PROT_READ | PROT_WRITE) !== 0) {
    throw new LwipMissing('lwIP has too little room for frames, and its memory cannot be changed');
  }
  koffi.encode(size, 'uint16_t', BUFFER_ROOM);
}

/** Header of a packet buffer and the 1536 octets that pbuf.c expects behind it. */
const BUFFER_ROOM = 24 + 1536;
const PAGE = 4096n;
const PROT_READ = 1;
const PROT_WRITE = 2;

function call(lwip: Lwip, declaration: string): (...parameters: unknown[]) => unknown {
  return lwip.func(declaration) as (...parameters: unknown[]) => unknown;
}

function symbol(lwip: Lwip, name: string): unknown {
  return koffi.address(lwip.symbol(name, 'void *'));
}

function octets4(address: string): Uint8Array {
  const memory = nativeMemory();
  memory.set(address.split('.').map(Number));
  return memory;
}

/** Small typed arrays may live on the JavaScript heap, where native code must not look for them. */
function nativeMemory(): Buffer {
  return Buffer.from(new ArrayBuffer(64));
}
