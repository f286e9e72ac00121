import type { TerminalStream } from '../terminal.js';

/** Fastest redraw, ms: cases may take less, and eyes do not. */
const REDRAW_MS = 80;

/**
 * Lines at the bottom of a terminal that are drawn again and again while other text scrolls above them. It holds no
 * process open (its timer is unreferenced) and hides no cursor, so that a killed run leaves a terminal as it was.
 */
export class LiveArea {
  readonly #stream: TerminalStream;
  readonly #lines: () => string[];
  #timer: NodeJS.Timeout | undefined;
  #height = 0;
  #lastDraw = 0;

  /** `lines` gives the area's lines at any moment; none may be wider than the terminal. */
  constructor(stream: TerminalStream, lines: () => string[]) {
    this.#stream = stream;
    this.#lines = lines;
  }

  start(): void {
    this.#timer = setInterval(() => this.#draw(''), 120);
    this.#timer.unref();
    this.#draw('');
  }

  /** Draws again unless it was drawn a moment ago. */
  redraw(): void {
    if (this.#timer !== undefined && performance.now() - this.#lastDraw >= REDRAW_MS) this.#draw('');
  }

  /** Writes text above the area. */
  above(text: string): void {
    if (this.#timer === undefined) this.#stream.write(text);
    else this.#draw(text);
  }

  /** Takes the area away. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stream.write(this.#erase());
  }

  #draw(above: string): void {
    const lines = this.#lines();
    const erase = this.#erase();
    this.#height = lines.length;
    this.#lastDraw = performance.now();
    this.#stream.write(`${erase}${above}${lines.map((line) => `${line}\n`).join('')}`);
  }

  #erase(): string {
    const erase = this.#height === 0 ? '' : `\u001b[${this.#height}A\r\u001b[J`;
    this.#height = 0;
    return erase;
  }
}
