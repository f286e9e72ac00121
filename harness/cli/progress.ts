import { number } from '../diagnose/words.js';
import type { CommandIo } from './io.js';

/** Octets that a frame takes in a file beside its TCP header and payload: record header, Ethernet, IP. */
const OVERHEAD = 52;
const EVERY_MS = 200;
const BAR = 24;

/** A bar on the terminal while a large capture is read; nothing elsewhere, and nothing for what is read at once. */
export class Progress {
  private shown = false;
  private next = Date.now() + 2 * EVERY_MS;

  constructor(
    private readonly io: CommandIo,
    /** Of the file, octets; unknown for a pipe. */
    private readonly size: number | undefined,
  ) {}

  /** `octets`: TCP headers and payload read so far. */
  update(frames: number, octets: number): void {
    const now = Date.now();
    if (!this.io.progress || now < this.next) return;
    this.next = now + EVERY_MS;
    this.shown = true;
    const share =
      this.size === undefined ? undefined : Math.min(0.99, (octets + frames * OVERHEAD) / this.size);
    this.io.err(`\r${bar(share)}${number(frames)} packets\u001b[K`);
  }

  clear(): void {
    if (this.shown) this.io.err('\r\u001b[K');
    this.shown = false;
  }
}

function bar(share: number | undefined): string {
  if (share === undefined) return '';
  const full = Math.round(share * BAR);
  return `[${'#'.repeat(full)}${' '.repeat(BAR - full)}] ${Math.round(share * 100)} %  `;
}
