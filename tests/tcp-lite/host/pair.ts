import { Host } from '../../../tcp-lite/host/host.js';
import type { HostConfig } from '../../../tcp-lite/host/host.js';

/** Two hosts on one cable, with a clock that moves only when told to. Frames arrive in the order they were sent. */
export class Pair {
  now = 1000;
  readonly a: Host;
  readonly b: Host;
  /** Every frame that was sent, with the sender's name. */
  readonly frames: { from: 'a' | 'b'; frame: Uint8Array }[] = [];
  /** Frames for which this returns false are lost. */
  passes: (from: 'a' | 'b', frame: Uint8Array) => boolean = () => true;
  private readonly cable: { to: 'a' | 'b'; frame: Uint8Array }[] = [];

  constructor(a: Partial<HostConfig> = {}, b: Partial<HostConfig> = {}) {
    this.a = new Host({ ...config(1), ...a }, this.port('a', 'b'));
    this.b = new Host({ ...config(2), ...b }, this.port('b', 'a'));
    this.a.setTime(this.now);
    this.b.setTime(this.now);
  }

  /** Delivers what is on the cable, and what that causes, until nothing moves. */
  settle(): void {
    for (let next = this.cable.shift(); next !== undefined; next = this.cable.shift()) {
      this[next.to].receive(next.frame, this.now);
    }
  }

  /** Lets `ms` pass, running what falls due. */
  pass(ms: number): void {
    const end = this.now + ms;
    this.settle();
    for (;;) {
      const next = Math.min(this.a.nextDeadline(), this.b.nextDeadline());
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.a.advance(this.now);
      this.b.advance(this.now);
      this.settle();
    }
    this.now = end;
    this.a.setTime(end);
    this.b.setTime(end);
  }

  private port(from: 'a' | 'b', to: 'a' | 'b') {
    const buffer = new Uint8Array(1514);
    return {
      mtu: 1500,
      reserve: (length: number) => buffer.subarray(0, length),
      commit: (length: number) => {
        const frame = buffer.slice(0, length);
        this.frames.push({ from, frame });
        if (this.passes(from, frame)) this.cable.push({ to, frame });
      },
    };
  }
}

export function config(number: number): HostConfig {
  let state = number;
  return {
    mac: Uint8Array.from([2, 0, 0, 0, 0, number]),
    addresses: [`10.0.0.${number}/24`, `fd00::${number}/64`],
    tcp: { random: () => (state = (state * 16807) % 2147483647) / 2147483647 },
  };
}
