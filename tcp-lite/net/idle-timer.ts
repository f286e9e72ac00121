/** Tells when nothing has happened for a while; does not keep the process alive. */
export class IdleTimer {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly expired: () => void) {}

  /** Starts over with `timeoutMs`; 0 stops it. */
  set(timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (timeoutMs > 0) this.#timer = setTimeout(this.expired, timeoutMs).unref();
  }

  /** Something happened. */
  touch(): void {
    this.#timer?.refresh();
  }
}
