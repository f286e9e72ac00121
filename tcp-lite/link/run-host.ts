import type { FrameBatch, FrameDevice } from '../../native/frame-device.js';
import type { Host } from '../host/host.js';

/** ms of a clock that never goes back, with fractions: the clock of every host that runs on a device. */
export const clock: () => number = performance.now.bind(performance);

/**
 * Runs a host on a device: frames in, one timer for all deadlines, the process kept alive while something uses it.
 * Frames sent while a batch is handled leave together when it is done.
 */
export class RunningHost {
  readonly host: Host;
  readonly device: FrameDevice;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;
  #users = 0;
  #detached = false;
  #inBatch = false;
  /** Inside of a batch or a timer the time stands still: TCP's clock must not go back when the next frame is handled. */
  #now = 0;
  #busy = false;
  #afterBatch = new Set<() => void>();

  constructor(host: Host, device: FrameDevice) {
    this.host = host;
    this.device = device;
    device.unref();
    device.onFrames(this.#receive);
  }

  /** Must come before calls on `host.tcp`; returns the time to hand to them, ms. */
  enter(): number {
    if (this.#busy) return this.#now;
    const now = clock();
    this.host.setTime(now);
    return now;
  }

  /** Must come after calls on `host.tcp`: they may have set timers. */
  leave(): void {
    if (!this.#busy) this.#arm(clock());
  }

  /** Runs `work` once at the end of the batch of frames that is being handled, or at once outside of one. */
  soon(work: () => void): void {
    if (!this.#inBatch) work();
    else this.#afterBatch.add(work);
  }

  /** One more connection or listener that the process must stay alive for. */
  use(): void {
    if (this.#users++ > 0 || this.#detached) return;
    this.device.ref();
    this.#timer?.ref();
  }

  unuse(): void {
    if (--this.#users > 0 || this.#detached) return;
    this.device.unref();
    this.#timer?.unref();
  }

  /** Stops receiving and all timers; what was sent leaves. The device stays open. */
  detach(): void {
    if (this.#detached) return;
    this.#detached = true;
    this.#disarm();
    this.device.flush();
    this.device.onFrames(undefined);
    this.device.ref();
  }

  readonly #receive = (frames: FrameBatch): void => {
    this.#during(() => {
      this.#inBatch = true;
      try {
        for (let index = 0; index < frames.length && !this.#detached; index++) {
          this.host.receive(frames.frame(index), this.#now);
        }
      } finally {
        this.#inBatch = false;
        if (this.#afterBatch.size > 0) this.#finishBatch();
      }
    });
  };

  /** What an application throws inside ends the batch but must not leave timers behind. */
  #during(work: () => void): void {
    this.#now = clock();
    this.#busy = true;
    try {
      work();
    } finally {
      this.#busy = false;
      this.#arm(this.#now);
    }
  }

  #finishBatch(): void {
    const due = this.#afterBatch;
    this.#afterBatch = new Set();
    for (const work of due) work();
  }

  /** A later deadline costs nothing: the timer finds that nothing is due and waits again. */
  #arm(now: number): void {
    const deadline = this.host.nextDeadline();
    if (deadline >= this.#armedFor || this.#detached) return;
    this.#disarm();
    if (deadline === Infinity) return;
    this.#armedFor = deadline;
    const delay = Math.min(LONGEST_TIMER, Math.max(1, Math.ceil(deadline - now)));
    this.#timer = setTimer(this.#fire, delay);
    if (this.#users === 0) this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }

  readonly #fire = (): void => {
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#during(() => this.host.advance(this.#now));
  };
}

/** setTimeout takes no more than 2^31 - 1 ms; beyond, the timer wakes early and waits again. */
const LONGEST_TIMER = 0x7fffffff;
// Looking up a global costs a multiple of the call inside jest's realm.
const setTimer = setTimeout;
