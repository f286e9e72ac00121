/**
 * A device that carries Ethernet frames: an AF_PACKET socket, a TAP device or a simulated wire.
 * What sits on it (a TCP, a lower tester, a relay) is written against this interface only.
 */
export interface FrameDevice {
  /** Longest IP packet that a frame may carry, octets, without the Ethernet header. */
  readonly mtu: number;
  /** Hardware address that a stack on this device should call its own, 6 octets. */
  readonly mac: Uint8Array;

  /**
   * Hands every batch of received frames to `callback`; a later call replaces the callback. Without one, nothing is
   * read and frames wait in the kernel up to its buffer. What the callback sends is flushed when it returns.
   */
  onFrames(callback: ((frames: FrameBatch) => void) | undefined): void;

  /**
   * Queues a copy of `frame`, Ethernet header included. It leaves at the latest when the current turn ends; `flush`
   * sends at once. Throws RangeError when it is longer than the device can carry.
   */
  send(frame: Uint8Array): void;

  /**
   * Room for a frame of up to `maxLength` octets inside the transmit batch, to be filled in place and then queued by
   * `commit`. Valid until the next call on the device. Its content is what an earlier frame left: write every octet.
   */
  reserve(maxLength: number): Uint8Array;
  /** Queues the first `length` octets of what `reserve` gave. */
  commit(length: number): void;

  /** Hands what is queued to the kernel now. What it will not take yet stays queued and is tried again. */
  flush(): void;

  /** Throws away what has been received and not been handed out, as before a case on a reused device. */
  discard(): void;

  /** Lets the process end although frames may still come, until `ref`. A device starts as if `ref` had been called. */
  unref(): void;
  ref(): void;

  stats(): FrameStats;
  close(): void;
}

/** Frames received together. Views and batch are valid only during the callback: the memory is used again. */
export interface FrameBatch extends Iterable<Uint8Array> {
  readonly length: number;
  /** The frame at `index`, 0 to length - 1, Ethernet header included. */
  frame(index: number): Uint8Array;
}

/** Counted since the device was opened; all in frames. */
export interface FrameStats {
  received: number;
  /** Arrived, but the kernel had no room, or longer than the device's frames may be. */
  dropped: number;
  sent: number;
  /** Accepted from the caller, but never sent: the queue overflowed or the kernel refused the frame. */
  unsent: number;
}
