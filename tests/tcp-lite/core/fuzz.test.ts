import { describe, expect, test } from '@jest/globals';
import type { Connection } from '../../../tcp-lite/core/connection.js';
import { Tcp } from '../../../tcp-lite/core/tcp.js';
import { SeededRandom } from '../../../tcp-lite/link/simulated/seeded-random.js';
import type { IcmpError, Segment, SegmentOptions } from '../../../tcp-lite/wire/segment.js';

/** Replay with FUZZ_SEED=n; more with FUZZ_SEGMENTS=n. */
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const segments = Number(process.env['FUZZ_SEGMENTS'] ?? 1_000_000);
const BUFFER = 20_000;
const BACKLOG = 16;
const PORTS = 8;
const BLOCK = new Uint8Array(1460);

describe(`segments at random (FUZZ_SEED=${seed} replays)`, () => {
  test(`${segments} of them crash nothing, never draw a RST for a RST, and leave memory bounded`, () => {
    const target = new Target(seed);
    for (let i = 0; i < segments; i++) target.step();
    expect(target.resetsForResets).toBe(0);
    expect(target.maxAnswers).toBeLessThanOrEqual(Math.ceil(BUFFER / 48) + 2);
    expect(target.tcp.connectionCount).toBeLessThanOrEqual(PORTS * 2 + BACKLOG);
    expect(target.maxMemory).toBeLessThanOrEqual(4 * 32_768);
    expect(target.established).toBeGreaterThan(1000);
    expect(target.wrong).toBe(0);
  }, 60_000);
});

/** A host that is thrown segments around the numbers that its connections are at, while its applications go on. */
class Target {
  readonly tcp: Tcp;
  resetsForResets = 0;
  maxAnswers = 0;
  maxMemory = 0;
  established = 0;
  wrong = 0;
  private readonly random: SeededRandom;
  private now = 1000;
  private answers = 0;
  private incoming: Segment | undefined;
  private readonly last = new Map<number, Segment>();
  private readonly connections: Connection[] = [];

  constructor(from: number) {
    this.random = new SeededRandom(from);
    const settings = {
      receiveBuffer: BUFFER,
      sendBuffer: BUFFER,
      isn: 2 ** 32 - 3000,
      ecn: 'request' as const,
    };
    this.tcp = new Tcp(
      { random: () => this.random.next(), mslMs: 50, connection: settings },
      {
        transmit: (segment) => this.heard(segment),
        mtu: () => 1500,
        localAddress: () => '10.0.0.1',
      },
    );
    this.tcp.listen({ port: 80, backlog: BACKLOG }).onConnection = (connection) => {
      this.established++;
      this.adopt(connection);
    };
  }

  step(): void {
    const { random } = this;
    const kind = random.integer(100);
    this.answers = 0;
    if (kind < 88) this.arrive();
    else if (kind < 92) this.useConnection();
    else if (kind < 93) this.icmp();
    else if (kind < 94) this.open();
    else this.pass(random.integer(kind < 99 ? 30 : 3000));
    this.maxAnswers = Math.max(this.maxAnswers, this.answers);
  }

  private arrive(): void {
    const segment = this.draw();
    this.incoming = segment;
    this.tcp.segmentArrives(segment, this.now);
    this.incoming = undefined;
  }

  /** Mostly numbers near those in use, now and then anything. */
  private draw(): Segment {
    const { random } = this;
    const ours = random.chance(0.4);
    const port = 5000 + random.integer(PORTS);
    const known = this.last.get(ours ? port + 1000 : port);
    const near = (base: number) =>
      random.chance(0.05) ? random.integer(2 ** 32) : (base + pickNear(random)) >>> 0;
    const length = random.chance(0.4) ? random.integer(1461) : 0;
    return {
      version: 4,
      src: random.chance(0.01) ? '224.0.0.1' : '10.0.0.2',
      dst: '10.0.0.1',
      srcPort: port,
      dstPort: ours ? 6000 : 80,
      seq: near(known?.ack ?? 2 ** 32 - 1000),
      ack: near(known === undefined ? 0 : known.seq + known.payload.length + (known.flags & 2 ? 1 : 0)),
      flags: drawFlags(random),
      window: random.chance(0.3) ? 0 : random.integer(65_536),
      urgent: random.integer(65_536),
      options: this.drawOptions(known),
      payload: BLOCK.subarray(0, length),
      ttl: 64,
      dscp: random.integer(64),
      ecn: random.integer(4),
      dontFragment: true,
    };
  }

  private drawOptions(known: Segment | undefined): SegmentOptions {
    const { random } = this;
    const options: SegmentOptions = {};
    if (random.chance(0.3)) options.mss = random.integer(65_536);
    if (random.chance(0.3)) options.windowScale = random.integer(256);
    if (random.chance(0.3)) options.sackPermitted = true;
    if (random.chance(0.7)) {
      options.tsVal = (this.now + (random.chance(0.1) ? random.integer(2 ** 32) : 0)) >>> 0;
      options.tsEcr = known?.options.tsVal ?? random.integer(2 ** 32);
    }
    if (random.chance(0.3)) {
      const base = known?.seq ?? 0;
      options.sack = Array.from({ length: 2 * (1 + random.integer(4)) }, () =>
        random.chance(0.1) ? random.integer(2 ** 32) : (base + pickNear(random)) >>> 0,
      );
    }
    return options;
  }

  private heard(segment: Segment): void {
    this.answers++;
    if (this.incoming !== undefined && this.incoming.flags & 4 && segment.flags & 4) this.resetsForResets++;
    if (segment.seq >>> 0 !== segment.seq || segment.ack >>> 0 !== segment.ack) this.wrong++;
    if (segment.window < 0 || segment.window > 65_535 || segment.urgent > 65_535) this.wrong++;
    if (segment.payload.length > 1460) this.wrong++;
    if ((segment.flags & 4) === 0)
      this.last.set(segment.dstPort + (segment.srcPort === 80 ? 0 : 1000), segment);
  }

  private adopt(connection: Connection): void {
    this.connections.push(connection);
    connection.onClosed = () => {
      const index = this.connections.indexOf(connection);
      if (index >= 0) this.connections.splice(index, 1);
    };
  }

  private open(): void {
    const options = {
      remoteAddress: '10.0.0.2',
      remotePort: 5000 + this.random.integer(PORTS),
      localPort: 6000,
    };
    try {
      this.adopt(this.tcp.connect(options, this.now));
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    }
  }

  private useConnection(): void {
    const { random, connections } = this;
    const connection = connections[random.integer(connections.length)];
    if (connection === undefined) return;
    this.maxMemory = Math.max(this.maxMemory, connection.status().bufferMemory);
    const choice = random.integer(20);
    if (choice < 9) connection.read(random.integer(5000) + 1, this.now);
    else if (choice < 17 && connection.writable > 0) {
      connection.write(new Uint8Array(random.integer(3000)), this.now, { urgent: random.chance(0.1) });
    } else if (choice === 17) connection.shutdown(this.now);
    else if (choice === 18) connection.close(this.now);
    else connection.abort(this.now);
  }

  private icmp(): void {
    const { random } = this;
    const known = this.last.get(5000 + random.integer(PORTS));
    const error: IcmpError = {
      version: 4,
      type: random.chance(0.7) ? 3 : random.integer(13),
      code: random.chance(0.7) ? 4 : random.integer(6),
      mtu: random.integer(2000),
      src: '10.0.0.1',
      dst: '10.0.0.2',
      srcPort: 80,
      dstPort: 5000 + random.integer(PORTS),
      seq: known?.seq ?? random.integer(2 ** 32),
    };
    this.tcp.icmpError(error, this.now);
  }

  private pass(ms: number): void {
    const end = this.now + ms;
    for (let next = this.tcp.nextDeadline(); next <= end; next = this.tcp.nextDeadline()) {
      this.answers = 0;
      this.now = Math.max(this.now, next);
      this.tcp.advance(this.now);
    }
    this.now = end;
  }
}

function pickNear(random: SeededRandom): number {
  switch (random.integer(6)) {
    case 0:
    case 1:
    case 2:
      return 0;
    case 3:
      return 1;
    case 4:
      return random.integer(3000) - 1500;
    default:
      return random.integer(60_000) - 30_000;
  }
}

function drawFlags(random: SeededRandom): number {
  switch (random.integer(20)) {
    case 0:
    case 1:
      return 2;
    case 2:
      return 0x12;
    case 3:
      return random.chance(0.5) ? 4 : 0x14;
    case 4:
      return 0x11;
    case 5:
      return random.integer(4096);
    case 6:
      return 0x30;
    default:
      return random.chance(0.5) ? 0x18 : 0x10;
  }
}
