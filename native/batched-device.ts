import { closeLater } from './close-later.js';
import { EAGAIN, EINTR, ENETDOWN, SystemError, codeOf, errno } from './libc.js';
import type { FrameBatch, FrameDevice, FrameStats } from './frame-device.js';
import type { MessageBatch } from './message-batch.js';
import { ReceiveLoop } from './receive-loop.js';
import type { TransmitQueue } from './transmit-queue.js';

export interface DeviceOptions {
  /** Frames read or sent by one system call; 64 unless told. */
  batch?: number;
  /**
   * How long to stay awake after work, microseconds, instead of sleeping until the next frame. It takes the processor,
   * so it is 0 unless told; DEDICATED_SPIN_US suits a process that does nothing else.
   */
  spinUs?: number;
}

export const DEFAULT_BATCH = 64;

/** What AF_PACKET sockets and TAP devices have in common: batches, queues, counters. */
export abstract class BatchedDevice implements FrameDevice {
  readonly mtu: number;
  readonly mac: Uint8Array;
  readonly #fd: number;
  readonly #spinUs: number;
  readonly #received: MessageBatch;
  readonly #transmit: TransmitQueue;
  readonly #frames: ReceivedFrames;
  #callback: ((frames: FrameBatch) => void) | undefined;
  #loop: ReceiveLoop | undefined;
  #referenced = true;
  #closed = false;
  #receivedFrames = 0;
  #truncated = 0;

  protected constructor(parts: DeviceParts) {
    this.#fd = parts.fd;
    this.mtu = parts.mtu;
    this.mac = parts.mac;
    this.#spinUs = parts.spinUs;
    this.#received = parts.received;
    this.#transmit = parts.transmit;
    this.#frames = new ReceivedFrames(parts.received);
  }

  /** Fills the batch of received frames; as recvmmsg. */
  protected abstract receive(batch: MessageBatch): number;
  /** Frames that the kernel had no room for, since the device was opened. */
  protected abstract kernelDrops(): number;

  onFrames(callback: ((frames: FrameBatch) => void) | undefined): void {
    this.#requireOpen();
    this.#callback = callback;
    if (callback === undefined) {
      this.#loop?.close();
      this.#loop = undefined;
    } else {
      this.#loop ??= new ReceiveLoop(this.#fd, this.#work, this.#spinUs);
      if (!this.#referenced) this.#loop.unref();
    }
  }

  unref(): void {
    this.#referenced = false;
    this.#loop?.unref();
  }

  ref(): void {
    this.#referenced = true;
    this.#loop?.ref();
  }

  send(frame: Uint8Array): void {
    this.reserve(frame.length).set(frame);
    this.commit(frame.length);
  }

  reserve(maxLength: number): Uint8Array {
    this.#requireOpen();
    const longest = this.mtu + ETHERNET_HEADER + VLAN_TAG;
    if (maxLength > longest)
      throw new RangeError(
        `a frame of ${maxLength} octets on a device that carries ${longest} (MTU ${this.mtu})`,
      );
    return this.#transmit.reserve(maxLength);
  }

  commit(length: number): void {
    if (length < ETHERNET_HEADER)
      throw new RangeError(`a frame of ${length} octets is shorter than its Ethernet header`);
    this.#transmit.commit(length);
  }

  flush(): void {
    this.#transmit.flush();
  }

  discard(): void {
    this.#requireOpen();
    while (this.#fill() > 0);
  }

  stats(): FrameStats {
    return {
      received: this.#receivedFrames,
      dropped: this.#truncated + this.kernelDrops(),
      sent: this.#transmit.sent,
      unsent: this.#transmit.unsent,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.kernelDrops();
    this.#transmit.close();
    this.#loop?.close();
    this.#loop = undefined;
    this.#callback = undefined;
    this.#closed = true;
    closeLater(this.#fd);
  }

  protected get closed(): boolean {
    return this.#closed;
  }

  /** One turn's work, bounded so that timers are served under a flood. */
  readonly #work = (): boolean => {
    for (let round = 0; round < ROUNDS_PER_TURN; round++) {
      const count = this.#fill();
      if (count === 0) return round > 0;
      const callback = this.#callback;
      if (callback === undefined) return true;
      if (this.#frames.length > 0) this.#transmit.hold(() => callback(this.#frames));
      if (this.#closed || count < this.#received.slots) return true;
    }
    return true;
  };

  /** Reads one batch; returns how many frames came, of which `#frames` holds those that are whole. */
  #fill(): number {
    const count = this.receive(this.#received);
    if (count <= 0) {
      const error = count < 0 ? errno() : EAGAIN;
      // ENETDOWN is said once when the interface goes down or away; frames come again when it is up.
      if (error === EAGAIN || error === EINTR || error === ENETDOWN) return 0;
      throw new SystemError(codeOf(error), 'receive');
    }
    const whole = this.#frames.take(count);
    this.#receivedFrames += whole;
    this.#truncated += count - whole;
    return count;
  }

  #requireOpen(): void {
    if (this.#closed) throw new TypeError('the device is closed');
  }
}

export interface DeviceParts {
  fd: number;
  mtu: number;
  mac: Uint8Array;
  spinUs: number;
  received: MessageBatch;
  transmit: TransmitQueue;
}

/** Octets of slot that the frames of an interface need. */
export function slotSizeFor(mtu: number): number {
  return mtu + ETHERNET_HEADER + VLAN_TAG;
}

/** The whole frames of a received batch. */
class ReceivedFrames implements FrameBatch {
  length = 0;
  readonly #batch: MessageBatch;
  readonly #slots: Uint16Array;

  constructor(batch: MessageBatch) {
    this.#batch = batch;
    this.#slots = new Uint16Array(batch.slots);
  }

  /** Looks at the first `count` slots; returns how many hold a whole frame. */
  take(count: number): number {
    this.length = 0;
    for (let slot = 0; slot < count; slot++)
      if (!this.#batch.wasTruncated(slot)) this.#slots[this.length++] = slot;
    return this.length;
  }

  frame(index: number): Uint8Array {
    if (index >= this.length) throw new RangeError(`frame ${index} of ${this.length}`);
    const slot = this.#slots[index] ?? 0;
    return this.#batch.view(slot, this.#batch.receivedLength(slot));
  }

  *[Symbol.iterator](): Iterator<Uint8Array> {
    for (let index = 0; index < this.length; index++) yield this.frame(index);
  }
}

const ROUNDS_PER_TURN = 8;
const ETHERNET_HEADER = 14;
const VLAN_TAG = 4;
