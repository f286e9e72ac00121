import type { FrameBatch, FrameDevice } from '../../../native/frame-device.js';
import { createTcpLite } from '../../../tcp-lite/net/stack.js';
import type { TcpLiteOptions, TcpLiteStack } from '../../../tcp-lite/net/stack.js';

/** One end of a cable in memory: what one end sends, the other receives in batches, one turn of the event loop later. */
export class CableEnd implements FrameDevice {
  readonly mtu = 1500;
  readonly mac: Uint8Array;
  peer: CableEnd | undefined;
  /** Frames for which this returns false are lost. */
  passes: (frame: Uint8Array) => boolean = () => true;
  closed = false;
  referenced = true;
  private callback: ((frames: FrameBatch) => void) | undefined;
  private arrived: Uint8Array[] = [];
  private readonly buffer = new Uint8Array(1518);
  private readonly counted = { received: 0, dropped: 0, sent: 0, unsent: 0 };

  constructor(number: number) {
    this.mac = Uint8Array.from([2, 0, 0, 0, 0, number]);
  }

  onFrames(callback: ((frames: FrameBatch) => void) | undefined): void {
    this.callback = callback;
  }

  reserve(maxLength: number): Uint8Array {
    return this.buffer.subarray(0, maxLength);
  }

  commit(length: number): void {
    this.counted.sent++;
    const frame = this.buffer.slice(0, length);
    if (this.peer !== undefined && this.passes(frame)) this.peer.arrive(frame);
  }

  send(frame: Uint8Array): void {
    this.reserve(frame.length).set(frame);
    this.commit(frame.length);
  }

  flush(): void {
    // Nothing waits here.
  }

  discard(): void {
    this.arrived = [];
  }

  ref(): void {
    this.referenced = true;
  }

  unref(): void {
    this.referenced = false;
  }

  stats() {
    return { ...this.counted };
  }

  close(): void {
    this.closed = true;
    this.callback = undefined;
  }

  private arrive(frame: Uint8Array): void {
    if (this.arrived.length === 0) setImmediate(() => this.deliver());
    this.arrived.push(frame);
  }

  private deliver(): void {
    const frames = this.arrived.splice(0, 64);
    if (this.arrived.length > 0) setImmediate(() => this.deliver());
    this.counted.received += frames.length;
    this.callback?.({
      length: frames.length,
      frame: (index) => frames[index]!,
      [Symbol.iterator]: () => frames[Symbol.iterator](),
    });
  }
}

export interface Lan {
  a: TcpLiteStack;
  b: TcpLiteStack;
  cableA: CableEnd;
  cableB: CableEnd;
}

/** Two stacks, 10.0.0.1 and 10.0.0.2 (fd00::1, fd00::2), on one cable; short timers. */
export function makeLan(options: Partial<TcpLiteOptions> = {}): Lan {
  const [cableA, cableB] = [new CableEnd(1), new CableEnd(2)];
  cableA.peer = cableB;
  cableB.peer = cableA;
  const stack = (device: CableEnd, number: number) =>
    createTcpLite({
      device,
      addresses: [`10.0.0.${number}/24`, `fd00::${number}/64`],
      config: { minRtoMs: 30, mslMs: 50 },
      ...options,
    });
  return { a: stack(cableA, 1), b: stack(cableB, 2), cableA, cableB };
}
