import { BatchedDevice, DEFAULT_BATCH, slotSizeFor } from './batched-device.js';
import type { DeviceOptions, DeviceParts } from './batched-device.js';
import { hardwareAddress, mtu as mtuOf } from './interface.js';
import { bind, check, close, getsockopt, if_nametoindex, setsockopt, socket, SystemError } from './libc.js';
import { MessageBatch } from './message-batch.js';
import { TransmitQueue } from './transmit-queue.js';

export interface PacketSocketOptions extends DeviceOptions {
  /** EtherType to receive, 0 for none (a sender), all unless told. Sending is not restricted. */
  protocol?: number;
  /** Kernel's room for frames that wait to be read, octets; 8 MiB unless told. */
  receiveBuffer?: number;
  /** Kernel's room for frames that wait to be sent, octets; 8 MiB unless told. */
  sendBuffer?: number;
  /** Receive what the interface sends too, in the order of the wire: an observer, not a host. */
  outgoing?: boolean;
}

/**
 * Raw Ethernet frames of one interface through an AF_PACKET socket. It sees what arrives, and what the
 * interface sends only where told; what it sends passes no nftables hook but is seen by captures on the interface.
 *
 * Opening takes microseconds and closing 11 ms (on another thread), so keep one for many cases: `discard` and a new
 * `onFrames` make it as new.
 */
export class PacketSocket extends BatchedDevice {
  readonly #fd: number;
  #drops = 0;

  /**
   * Opens `interfaceName` of the calling thread's namespace (see withNamespace). Throws SystemError: EPERM without
   * CAP_NET_RAW, ENODEV without such an interface.
   */
  static open(interfaceName: string, options: PacketSocketOptions = {}): PacketSocket {
    // Protocol 0 receives nothing until bind, so no frame of another interface slips in.
    const fd = check(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 'socket AF_PACKET');
    try {
      return new PacketSocket(configure(fd, interfaceName, options));
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  private constructor(parts: DeviceParts) {
    super(parts);
    this.#fd = parts.fd;
  }

  protected receive(batch: MessageBatch): number {
    return batch.receive(this.#fd);
  }

  protected kernelDrops(): number {
    if (this.closed) return this.#drops;
    // struct tpacket_stats { unsigned packets, drops; }, which reading resets.
    const counters = new Uint32Array(new ArrayBuffer(8));
    const length = new Uint8Array(new Uint32Array([8]).buffer);
    check(
      getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, new Uint8Array(counters.buffer), length),
      'getsockopt PACKET_STATISTICS',
    );
    this.#drops += counters[1] ?? 0;
    return this.#drops;
  }
}

function configure(fd: number, interfaceName: string, options: PacketSocketOptions): DeviceParts {
  const index = if_nametoindex(interfaceName);
  if (index === 0) throw new SystemError('ENODEV', 'bind', interfaceName);
  setBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, options.receiveBuffer ?? DEFAULT_BUFFER);
  setBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options.sendBuffer ?? DEFAULT_BUFFER);
  // Without it the socket receives its own frames. Since Linux 4.20.
  if (options.outgoing !== true)
    check(setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1), 'setsockopt PACKET_IGNORE_OUTGOING');
  // No PACKET_QDISC_BYPASS: captures on this interface would miss the frames.
  check(bind(fd, linkLayerAddress(index, options.protocol ?? ETH_P_ALL), 20), 'bind', interfaceName);

  const mtu = mtuOf(fd, interfaceName);
  const slots = options.batch ?? DEFAULT_BATCH;
  const outgoing = new MessageBatch(slots, slotSizeFor(mtu));
  return {
    fd,
    mtu,
    mac: hardwareAddress(fd, interfaceName),
    spinUs: options.spinUs ?? 0,
    received: new MessageBatch(slots, slotSizeFor(mtu)),
    transmit: new TransmitQueue(outgoing, (first, count) => outgoing.send(fd, first, count)),
  };
}

/** The forced variant may exceed the system's limit but needs CAP_NET_ADMIN; the other takes what it may have. */
function setBuffer(fd: number, forced: number, ordinary: number, octets: number): void {
  if (setOption(fd, SOL_SOCKET, forced, octets) < 0)
    check(setOption(fd, SOL_SOCKET, ordinary, octets), 'setsockopt SO_RCVBUF');
}

function setOption(fd: number, level: number, name: number, value: number): number {
  return setsockopt(fd, level, name, new Uint8Array(new Int32Array([value]).buffer), 4);
}

/** struct sockaddr_ll; the protocol is in network order. */
function linkLayerAddress(index: number, protocol: number): Uint8Array {
  const address = new DataView(new ArrayBuffer(20));
  address.setUint16(0, AF_PACKET, true);
  address.setUint16(2, protocol, false);
  address.setInt32(4, index, true);
  return new Uint8Array(address.buffer);
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 3;

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;

const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const PACKET_IGNORE_OUTGOING = 23;

const DEFAULT_BUFFER = 8 * 1024 * 1024;
