import type { FrameDevice } from '../../native/frame-device.js';
import { withNamespace } from '../../native/namespace.js';
import { PacketSocket } from '../../native/packet-socket.js';
import { TapDevice } from '../../native/tap.js';

/**
 * How TCP Lite meets the wire: `raw` shares the address of the kernel's interface, `packet` has an address of its own
 * on that interface, `tap` is the far end of a TAP device.
 */
export type Attach = 'raw' | 'packet' | 'tap';

export interface OpenDeviceOptions {
  interface: string;
  attach: Attach;
  /** File of the namespace that the interface is in; the caller's own when left out. */
  netnsPath?: string;
  /** Microseconds to stay awake after work: latency for processor time. Default 0. */
  spinUs?: number;
}

/** This process may not open the device, or there is no such interface. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
  constructor(
    readonly code: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** Throws DeviceError with what to do about it. */
export function openDevice(options: OpenDeviceOptions): FrameDevice {
  const { netnsPath } = options;
  const settings = options.spinUs === undefined ? {} : { spinUs: options.spinUs };
  const open = () =>
    options.attach === 'tap'
      ? TapDevice.open(options.interface, settings)
      : PacketSocket.open(options.interface, settings);
  try {
    return netnsPath === undefined ? open() : withNamespace(netnsPath, open);
  } catch (error) {
    throw explain(error, options);
  }
}

function explain(error: unknown, options: OpenDeviceOptions): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const right = options.attach === 'tap' ? 'CAP_NET_ADMIN' : 'CAP_NET_RAW';
  switch (code) {
    case 'EPERM':
    case 'EACCES':
      return new DeviceError(
        code,
        `no right to open ${options.interface} for raw frames`,
        `run as root, or give ${right}: sudo, or setcap ${right.toLowerCase()}+ep on the node binary`,
      );
    case 'ENODEV':
      return new DeviceError(
        code,
        `there is no interface ${options.interface}`,
        'ip link shows those there are',
      );
    case 'EBUSY':
      return new DeviceError(
        code,
        `the TAP device ${options.interface} is in use`,
        'end the program that is attached to it, or take another name',
      );
    case 'ENOENT':
      if (options.attach !== 'tap') return error;
      return new DeviceError(code, 'this system has no /dev/net/tun', 'modprobe tun');
    default:
      return error;
  }
}
