import { EAGAIN, EINTR, ENOBUFS, errno } from './libc.js';
import type { MessageBatch } from './message-batch.js';

/** Sends `count` slots of a batch from `first` on; returns how many left, or -1 with errno set. */
export type Transmit = (first: number, count: number) => number;

/**
 * Collects frames in a batch and hands them to the kernel together. While the kernel has no room, frames wait here in
 * order, up to `backlogLimit` of them beside the batch; what is beyond that is counted in `unsent`.
 */
export class TransmitQueue {
  sent = 0;
  unsent = 0;
  readonly #batch: MessageBatch;
  readonly #transmit: Transmit;
  readonly #backlogLimit: number;
  // Slots first..next-1 of the batch wait to be sent.
  #first = 0;
  #next = 0;
  #backlog: Uint8Array[] = [];
  #reserved: Uint8Array | undefined;
  #reservedInBatch = false;
  #retry: NodeJS.Timeout | undefined;
  #microtask = false;
  #held = 0;

  constructor(batch: MessageBatch, transmit: Transmit, backlogLimit = 4096) {
    this.#batch = batch;
    this.#transmit = transmit;
    this.#backlogLimit = backlogLimit;
  }

  /** Room for a frame: a slot of the batch, or memory of its own while the batch is stuck. */
  reserve(maxLength: number): Uint8Array {
    if (this.#next === this.#batch.slots) this.flush();
    this.#reservedInBatch = this.#next < this.#batch.slots && this.#backlog.length === 0;
    this.#reserved = this.#reservedInBatch
      ? this.#batch.view(this.#next, maxLength)
      : new Uint8Array(new ArrayBuffer(maxLength));
    return this.#reserved;
  }

  commit(length: number): void {
    const reserved = this.#reserved;
    if (reserved === undefined) throw new TypeError('commit without reserve');
    if (length > reserved.length)
      throw new RangeError(`commit of ${length} octets, reserved ${reserved.length}`);
    this.#reserved = undefined;
    if (this.#reservedInBatch) this.#batch.setLength(this.#next++, length);
    else if (this.#backlog.length < this.#backlogLimit) this.#backlog.push(reserved.subarray(0, length));
    else this.unsent++;
    if (this.#held === 0 && !this.#microtask) {
      this.#microtask = true;
      later(this.#flushLater);
    }
  }

  /** Runs `work` and flushes once at its end, whatever it sends. */
  hold(work: () => void): void {
    this.#held++;
    try {
      work();
    } finally {
      if (--this.#held === 0) this.flush();
    }
  }

  flush(): void {
    this.#reserved = undefined;
    do {
      if (!this.#drain()) return;
    } while (this.#refill());
  }

  /** Sends what it can, and counts the rest as unsent. */
  close(): void {
    this.flush();
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.unsent += this.#next - this.#first + this.#backlog.length;
    this.#first = this.#next = 0;
    this.#backlog = [];
  }

  readonly #flushLater = (): void => {
    this.#microtask = false;
    this.flush();
  };

  /** True when the batch is empty afterwards. */
  #drain(): boolean {
    while (this.#first < this.#next) {
      const count = this.#transmit(this.#first, this.#next - this.#first);
      if (count > 0) {
        this.#first += count;
        this.sent += count;
        continue;
      }
      const error = errno();
      if (error === EINTR) continue;
      if (error === EAGAIN || error === ENOBUFS) {
        this.#retry ??= setTimeout(this.#tryAgain, RETRY_MS);
        return false;
      }
      // The interface is down or gone, or this one frame is refused; the others may still go.
      this.#first++;
      this.unsent++;
    }
    this.#first = this.#next = 0;
    return true;
  }

  /** Moves the backlog into the empty batch; true when there is something to send. */
  #refill(): boolean {
    for (const frame of this.#backlog.splice(0, this.#batch.slots)) {
      this.#batch.view(this.#next, frame.length).set(frame);
      this.#batch.setLength(this.#next++, frame.length);
    }
    return this.#next > 0;
  }

  readonly #tryAgain = (): void => {
    this.#retry = undefined;
    this.flush();
  };
}

const RETRY_MS = 1;
const later = queueMicrotask;
