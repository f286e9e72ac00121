import { withNamespace } from '../../native/namespace.js';
import { PacketSocket } from '../../native/packet-socket.js';
import type { LabMiddle } from '../lab.js';
import type { Role } from '../topology.js';
import { RelayEngine } from './engine.js';
import type { Departure, Fate } from './engine.js';
import type { RelayRule } from './rules.js';

/**
 * Carries frames between the ends of a lab through its middle, as its rules say; without rules it is a wire. It stays in
 * this process: one relay serves many cases.
 */
export class Relay {
  readonly #sockets: Record<Role, PacketSocket>;
  #engine = new RelayEngine([]);
  /** By time, then in the order in which they were decided. */
  #waiting: Departure[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Opens both interfaces of the middle. Throws SystemError. */
  static open(middle: LabMiddle): Relay {
    return withNamespace(middle.path, () => {
      const client = PacketSocket.open(middle.toClient.interface);
      try {
        return new Relay({ client, server: PacketSocket.open(middle.toServer.interface) });
      } catch (error) {
        client.close();
        throw error;
      }
    });
  }

  private constructor(sockets: Record<Role, PacketSocket>) {
    this.#sockets = sockets;
    for (const from of ROLES)
      sockets[from].onFrames((frames) => {
        const now = clock();
        for (const frame of frames)
          if (!isLinkLocal(frame)) this.#schedule(this.#engine.take(frame, from, now));
        this.#send();
      });
  }

  /** Begins anew with these rules; what still waited is thrown away. */
  play(rules: readonly RelayRule[]): void {
    this.#engine = new RelayEngine(rules);
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const role of ROLES) this.#sockets[role].discard();
  }

  /** Frames that have arrived and have not left yet. */
  get waiting(): number {
    return this.#waiting.length + (this.#engine.releaseAt === undefined ? 0 : 1);
  }

  /** What has become of the frames since `play`. */
  get fates(): readonly Fate[] {
    return this.#engine.fates;
  }

  /** Frames that got lost in the relay itself, against its rules: with any of them it proves nothing. */
  get overrun(): number {
    return ROLES.reduce((sum, role) => {
      const { dropped, unsent } = this.#sockets[role].stats();
      return sum + dropped + unsent;
    }, 0);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const role of ROLES) this.#sockets[role].close();
  }

  #schedule(departures: readonly Departure[]): void {
    for (const departure of departures) {
      const index = this.#waiting.findLastIndex(({ at }) => at <= departure.at);
      this.#waiting.splice(index + 1, 0, departure);
    }
  }

  #send(): void {
    const now = clock();
    const { releaseAt } = this.#engine;
    if (releaseAt !== undefined && releaseAt <= now) this.#schedule(this.#engine.release(now));
    let sent = 0;
    for (const { frame, to, at } of this.#waiting) {
      if (at > now) break;
      this.#sockets[to].send(frame);
      sent++;
    }
    this.#waiting.splice(0, sent);
    for (const role of ROLES) this.#sockets[role].flush();
    this.#wakeFor(now);
  }

  #wakeFor(now: number): void {
    clearTimeout(this.#timer);
    const next = Math.min(this.#waiting[0]?.at ?? Infinity, this.#engine.releaseAt ?? Infinity);
    this.#timer = Number.isFinite(next)
      ? setTimeout(() => this.#send(), Math.max(1, Math.ceil(next - now)))
      : undefined;
  }
}

/** Addresses that no bridge forwards (IEEE 802.1Q, 8.6.3): the marks of a capture are sent to one of them. */
function isLinkLocal(frame: Uint8Array): boolean {
  return LINK_LOCAL.every((octet, index) => frame[index] === octet) && ((frame[5] ?? 0) & 0xf0) === 0;
}

const LINK_LOCAL = [0x01, 0x80, 0xc2, 0x00, 0x00];
const ROLES: readonly Role[] = ['client', 'server'];
const clock = performance.now.bind(performance);
