import { constants, openSync } from 'node:fs';
import { BatchedDevice, DEFAULT_BATCH, slotSizeFor } from './batched-device.js';
import type { DeviceOptions, DeviceParts } from './batched-device.js';
import { hardwareAddress, IFNAMSIZ, interfaceRequest, mtu as mtuOf, withAnySocket } from './interface.js';
import { check, close, ioctl, SystemError } from './libc.js';
import { MessageBatch } from './message-batch.js';
import { TransmitQueue } from './transmit-queue.js';

export interface TapOptions extends DeviceOptions {
  /**
   * The address that the stack behind the device calls its own. Unless told, the interface's own with the last octet's
   * lowest bit turned: the interface's address belongs to the kernel's end of the device.
   */
  mac?: Uint8Array;
}

/**
 * The user's end of a TAP device. What is sent comes out of the kernel's interface as if received there, and what the
 * kernel sends into that interface is received here.
 */
export class TapDevice extends BatchedDevice {
  readonly #fd: number;

  /**
   * Attaches to the TAP interface `name` of the calling thread's namespace (see withNamespace), or makes one that lives
   * as long as the device. Throws SystemError: EPERM without CAP_NET_ADMIN, EBUSY when somebody else is attached,
   * ENOENT without /dev/net/tun.
   */
  static open(name: string, options: TapOptions = {}): TapDevice {
    const fd = openControl();
    try {
      return new TapDevice(configure(fd, name, options));
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
    return batch.receiveByRead(this.#fd);
  }

  // A TAP's queue overflows on the kernel's side, in the interface's own counter (ip -s link).
  protected kernelDrops(): number {
    return 0;
  }
}

function openControl(): number {
  try {
    return openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    throw new SystemError((error as NodeJS.ErrnoException).code ?? 'EIO', 'open', '/dev/net/tun');
  }
}

function configure(fd: number, name: string, options: TapOptions): DeviceParts {
  const request = interfaceRequest(name);
  new DataView(request.buffer).setUint16(IFNAMSIZ, IFF_TAP | IFF_NO_PI, true);
  check(ioctl(fd, TUNSETIFF, request), 'ioctl TUNSETIFF', name);

  const { mtu, mac } = describe(name);
  const slots = options.batch ?? DEFAULT_BATCH;
  const outgoing = new MessageBatch(slots, slotSizeFor(mtu));
  return {
    fd,
    mtu,
    mac: options.mac ?? neighbourOf(mac),
    spinUs: options.spinUs ?? 0,
    received: new MessageBatch(slots, slotSizeFor(mtu)),
    transmit: new TransmitQueue(outgoing, (first, count) => outgoing.sendByWrite(fd, first, count)),
  };
}

function describe(name: string): { mtu: number; mac: Uint8Array } {
  return withAnySocket((fd) => ({ mtu: mtuOf(fd, name), mac: hardwareAddress(fd, name) }));
}

function neighbourOf(mac: Uint8Array): Uint8Array {
  return mac.map((octet, index) => (index === 5 ? octet ^ 1 : octet));
}

const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
