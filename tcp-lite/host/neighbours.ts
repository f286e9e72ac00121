import { isMac } from '../wire/ethernet.js';

/** What the cache of neighbours does to the wire and to those who wait. */
export interface NeighbourActions {
  /** Asks for the address: of everybody, or of the `mac` that had it before. */
  solicit(address: string, mac: Uint8Array | undefined): void;
  /** Sends a frame that waited, its Ethernet destination still to be filled in. */
  release(frame: Uint8Array, mac: Uint8Array): void;
  /** Nobody answered: these frames will not be sent. */
  giveUp(address: string, frames: Uint8Array[]): void;
  /** A frame was dropped from a full queue. */
  overflow(): void;
}

/** A neighbour and what is known of its hardware address; `mac` is undefined until it is resolved. */
export interface Neighbour {
  readonly address: string;
  mac: Uint8Array | undefined;
  /** When it was last heard from, ms. */
  confirmedAt: number;
  /** Requests sent since then. */
  attempts: number;
  /** When the next request is due, ms; Infinity while none is outstanding. */
  retryAt: number;
  waiting: Uint8Array[];
  /** The cache made room: whoever kept this entry must ask for a new one. */
  forgotten: boolean;
}

export interface NeighbourLimits {
  /** A neighbour unheard of for longer is asked again while it is used, ms. */
  freshMs: number;
  retryMs: number;
  attempts: number;
  /** Frames that wait for one neighbour; the oldest makes room. */
  queue: number;
  neighbours: number;
}

/** As Linux: three requests a second apart. */
export const NEIGHBOUR_LIMITS: NeighbourLimits = {
  freshMs: 30_000,
  retryMs: 1000,
  attempts: 3,
  queue: 64,
  neighbours: 1024,
};

/**
 * Hardware addresses of neighbours, by IP address of either version: asked for, learnt from what arrives, confirmed
 * while in use. Idle neighbours need no timer: an old entry is asked again when it is next used.
 */
export class NeighbourCache {
  private readonly neighbours = new Map<string, Neighbour>();
  private deadline = Infinity;

  constructor(
    private readonly actions: NeighbourActions,
    private readonly limits: NeighbourLimits = NEIGHBOUR_LIMITS,
  ) {}

  get size(): number {
    return this.neighbours.size;
  }

  /** The entry for `address`, made if there is none; it may be kept until it is `forgotten`. */
  entry(address: string): Neighbour {
    let neighbour = this.neighbours.get(address);
    if (neighbour === undefined) {
      this.makeRoom();
      neighbour = {
        ...{ address, mac: undefined, confirmedAt: -Infinity, attempts: 0 },
        ...{ retryAt: Infinity, waiting: [], forgotten: false },
      };
      this.neighbours.set(address, neighbour);
    }
    return neighbour;
  }

  knows(address: string): boolean {
    return this.neighbours.has(address);
  }

  /** Where to send a frame now; starts a question where the entry is old. Undefined: put the frame in `wait`. */
  macOf(neighbour: Neighbour, now: number): Uint8Array | undefined {
    if (neighbour.mac !== undefined && now - neighbour.confirmedAt > this.limits.freshMs) {
      if (neighbour.retryAt === Infinity) this.ask(neighbour, now);
    }
    return neighbour.mac;
  }

  /** Keeps a frame until the neighbour is resolved; the cache owns it from here on. */
  wait(neighbour: Neighbour, frame: Uint8Array, now: number): void {
    if (neighbour.waiting.length >= this.limits.queue) {
      neighbour.waiting.shift();
      this.actions.overflow();
    }
    neighbour.waiting.push(frame);
    if (neighbour.retryAt === Infinity) this.ask(neighbour, now);
  }

  /** The neighbour said its hardware address itself (ARP, neighbour discovery). */
  learn(address: string, mac: Uint8Array, now: number): void {
    this.resolve(this.entry(address), mac, now);
  }

  /**
   * A packet came from `address`; its frame's source, at `offset` of `frame`, is taken for the neighbour's where nothing
   * better is known. It never changes a hardware address in use.
   */
  hear(neighbour: Neighbour, frame: Uint8Array, offset: number, now: number): void {
    if (neighbour.mac === undefined) this.resolve(neighbour, frame.slice(offset, offset + 6), now);
    else if (isMac(frame, offset, neighbour.mac)) this.confirm(neighbour, now);
  }

  /** ms; Infinity when no question is outstanding. */
  nextDeadline(): number {
    return this.deadline;
  }

  advance(now: number): void {
    if (now < this.deadline) return;
    for (const neighbour of [...this.neighbours.values()]) {
      if (neighbour.retryAt <= now) this.retry(neighbour, now);
    }
    this.deadline = Infinity;
    for (const { retryAt } of this.neighbours.values()) this.deadline = Math.min(this.deadline, retryAt);
  }

  private resolve(neighbour: Neighbour, mac: Uint8Array, now: number): void {
    neighbour.mac = mac;
    this.confirm(neighbour, now);
    const frames = neighbour.waiting;
    neighbour.waiting = [];
    for (const frame of frames) this.actions.release(frame, mac);
  }

  private confirm(neighbour: Neighbour, now: number): void {
    neighbour.confirmedAt = now;
    neighbour.attempts = 0;
    neighbour.retryAt = Infinity;
  }

  private ask(neighbour: Neighbour, now: number): void {
    neighbour.attempts++;
    neighbour.retryAt = now + this.limits.retryMs;
    this.deadline = Math.min(this.deadline, neighbour.retryAt);
    this.actions.solicit(neighbour.address, neighbour.mac);
  }

  private retry(neighbour: Neighbour, now: number): void {
    if (neighbour.attempts < this.limits.attempts) {
      this.ask(neighbour, now);
      return;
    }
    neighbour.attempts = 0;
    neighbour.retryAt = Infinity;
    neighbour.mac = undefined;
    const frames = neighbour.waiting;
    neighbour.waiting = [];
    if (frames.length > 0) this.actions.giveUp(neighbour.address, frames);
  }

  /** Makes room for one more: the entry heard from longest ago goes, those with frames waiting last. */
  private makeRoom(): void {
    if (this.neighbours.size < this.limits.neighbours) return;
    let oldest: Neighbour | undefined;
    for (const neighbour of this.neighbours.values()) {
      if (oldest === undefined || rank(neighbour) < rank(oldest)) oldest = neighbour;
    }
    if (oldest === undefined) return;
    for (let i = 0; i < oldest.waiting.length; i++) this.actions.overflow();
    oldest.forgotten = true;
    this.neighbours.delete(oldest.address);
  }
}

function rank(neighbour: Neighbour): number {
  return neighbour.waiting.length > 0 ? Infinity : neighbour.confirmedAt;
}
