import type { FrameBatch, FrameDevice, FrameStats } from '../../native/frame-device.js';

/** A device that loses a share of the frames, both ways; which ones is the same in every run. */
export class LossyDevice implements FrameDevice {
  readonly mtu: number;
  readonly mac: Uint8Array;
  private state = 1;

  constructor(
    private readonly device: FrameDevice,
    private readonly loss: number,
  ) {
    this.mtu = device.mtu;
    this.mac = device.mac;
  }

  onFrames(callback: ((frames: FrameBatch) => void) | undefined): void {
    this.device.onFrames(
      callback &&
        ((frames) => {
          const kept = [...frames].filter(() => !this.loses());
          callback({
            length: kept.length,
            frame: (index) => kept[index]!,
            [Symbol.iterator]: () => kept[Symbol.iterator](),
          });
        }),
    );
  }

  reserve(maxLength: number): Uint8Array {
    return this.device.reserve(maxLength);
  }

  commit(length: number): void {
    if (!this.loses()) this.device.commit(length);
  }

  send(frame: Uint8Array): void {
    if (!this.loses()) this.device.send(frame);
  }

  flush(): void {
    this.device.flush();
  }

  discard(): void {
    this.device.discard();
  }

  ref(): void {
    this.device.ref();
  }

  unref(): void {
    this.device.unref();
  }

  stats(): FrameStats {
    return this.device.stats();
  }

  close(): void {
    this.device.close();
  }

  private loses(): boolean {
    this.state = (this.state * 48_271) % 2_147_483_647;
    return this.state / 2_147_483_647 < this.loss;
  }
}
