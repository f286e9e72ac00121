import koffi from 'koffi';

/**
 * Calls `work` whenever `fd` is readable, from an ordinary turn of the event loop, and stays awake for `spinUs`
 * microseconds after the last work: waking a sleeping process costs more than handling a frame. `work` reads what it
 * can without waiting and tells whether there was anything.
 *
 * koffi calls poll callbacks outside of Node's own bookkeeping: promises settled there would stay unanswered until
 * something else happens, and what is thrown there is lost. So `work` runs from setImmediate, in the same turn.
 */
export class ReceiveLoop {
  readonly #work: () => boolean;
  readonly #spinUs: number;
  // Collected silently, poll and all, if nothing refers to it.
  #poll: Poll | undefined;
  #scheduled = false;
  #spinning = false;
  #awakeUntil = 0;

  constructor(fd: number, work: () => boolean, spinUs: number) {
    this.#work = work;
    this.#spinUs = spinUs;
    this.#poll = koffi.node.poll(fd, { readable: true }, this.#readable);
    open.add(this);
  }

  /** Ends it. Must come before the descriptor is closed. */
  close(): void {
    this.#poll?.close();
    this.#poll = undefined;
    open.delete(this);
  }

  /** Lets the process end while nothing but this waits. */
  unref(): void {
    this.#poll?.unref();
  }

  ref(): void {
    this.#poll?.ref();
  }

  readonly #readable = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    schedule(this.#turn);
  };

  readonly #turn = (): void => {
    this.#scheduled = false;
    if (this.#poll === undefined) return;
    let worked = true;
    try {
      worked = this.#work();
    } finally {
      if (this.#spinUs > 0) this.#stayAwake(worked);
    }
  };

  /** While spinning the poll is off: each turn looks by itself. */
  #stayAwake(worked: boolean): void {
    if (this.#poll === undefined) return;
    const now = clock();
    if (worked) this.#awakeUntil = now + this.#spinUs / 1000;
    if (now < this.#awakeUntil) {
      if (!this.#spinning) this.#poll.stop();
      this.#spinning = true;
      this.#scheduled = true;
      schedule(this.#turn);
    } else if (this.#spinning) {
      this.#spinning = false;
      this.#poll.start({ readable: true }, this.#readable);
    }
  }
}

// A frame that arrives while the process is ending would be reported to an engine that runs no code any more, which
// is fatal.
const open = new Set<ReceiveLoop>();
process.on('exit', () => {
  for (const loop of open) loop.close();
});

/** How long a process that does nothing else should stay awake: round trips fall from 86 to 8 microseconds. */
export const DEDICATED_SPIN_US = 50;

type Poll = ReturnType<typeof koffi.node.poll>;

// Looking up a global costs a multiple of the call inside jest's realm.
const schedule = setImmediate;
const clock = performance.now.bind(performance);
