import { setImmediate } from 'node:timers/promises';
import type { FrameDevice } from '../../native/frame-device.js';
import type { IcmpMessage } from '../case/icmp.js';
import type { Packet } from '../dissect/packet.js';
import type { ScriptSegment } from '../match/resolve-send.js';
import { buildFrames } from './build-frames.js';
import { buildIcmp, quotableFrom, type Quotable } from './build-icmp.js';
import { Defragmenter } from './defragment.js';
import { neighbourAnswer, neighbourRequest, type NeighbourIdentity } from './neighbour.js';
import { readFrame } from './read-frame.js';

export interface TesterOptions {
  device: FrameDevice;
  self: NeighbourIdentity;
  /** Addresses of the IUT; its hardware address is asked for where it is not known. */
  iut: { mac?: Uint8Array; ipv4: string; ipv6: string };
  version: 4 | 6;
  port: number;
  /** Port of the IUT where the case or the lab fixes it; else it is learnt from its SYN. */
  iutPort?: number;
}

/** The IUT's host did not say its hardware address. */
export class IutSilent extends Error {
  readonly remedy = 'see whether the stack is up and has the address that it was given';
}

const RESOLVE_EVERY_MS = 100;
const RESOLVE_TRIES = 30;
const TTL = 64;
const ETHERNET_HEADER = 14;
/** Later than this a deadline says that the process was held up, ms; and so often it then looks for frames. */
const HELD_UP_MS = 3;
const TURNS = 4;

/**
 * The scripted peer on a wire: sends what it is told, answers only for its hardware address, and queues the packets that
 * the IUT sends to its port. No kernel has its address, so nothing else answers for it.
 */
export class LowerTester {
  private readonly defragmenter = new Defragmenter();
  private readonly queue: { packet: Packet; time: number }[] = [];
  private wake: (() => void) | undefined;
  private iutMac: Uint8Array | undefined;
  private iutPort: number | undefined;
  private frames = 0;
  private stopped = false;
  private last: Quotable | undefined;
  /** ms since the epoch at performance.now() 0: the clock of captures. */
  private readonly epoch = Date.now() - performance.now();

  constructor(private readonly options: TesterOptions) {
    this.iutMac = options.iut.mac;
    this.iutPort = options.iutPort;
    options.device.onFrames((batch) => {
      const time = this.now();
      for (const frame of batch) this.receive(frame, time);
    });
  }

  /** ms since the epoch, as captures tell it. */
  now(): number {
    return this.epoch + performance.now();
  }

  get address(): string {
    return this.options.version === 4 ? this.options.self.ipv4 : this.options.self.ipv6;
  }

  get iutAddress(): string {
    return this.options.version === 4 ? this.options.iut.ipv4 : this.options.iut.ipv6;
  }

  get port(): number {
    return this.options.port;
  }

  /** Learns the IUT's hardware address where it is not known. Throws IutSilent. */
  async resolve(): Promise<void> {
    for (let attempt = 0; !this.iutMac && attempt < RESOLVE_TRIES; attempt++) {
      this.sendFrame(neighbourRequest(this.options.self, this.iutAddress));
      const until = performance.now() + RESOLVE_EVERY_MS;
      while (!this.iutMac && performance.now() < until) await sleep(2);
    }
    if (!this.iutMac) throw new IutSilent(`nobody answers for ${this.iutAddress}`);
  }

  /** Sends the segment and gives it back as the wire has it; `defaults` fill what the segment leaves open. */
  send(segment: ScriptSegment, defaults: { window: number; tsVal?: number; tsEcr?: number }): Packet {
    const { version } = this.options;
    const { mss, windowScale, sackPermitted, sackBlocks } = segment.options;
    const tsVal = segment.options.tsVal ?? defaults.tsVal;
    const frames = buildFrames(
      {
        version,
        src: this.address,
        dst: this.iutAddress,
        srcPort: this.options.port,
        dstPort: this.iutPort ?? 0,
        seq: segment.seq,
        ack: segment.ack,
        flags: segment.flags,
        window: segment.window ?? defaults.window,
        urgent: segment.urgent,
        options: {
          ...(mss === undefined ? {} : { mss }),
          ...(windowScale === undefined ? {} : { windowScale }),
          ...(sackPermitted ? { sackPermitted } : {}),
          ...(sackBlocks ? { sack: sackBlocks.flatMap(({ left, right }) => [left, right]) } : {}),
          ...(tsVal === undefined ? {} : { tsVal, tsEcr: segment.options.tsEcr ?? defaults.tsEcr ?? 0 }),
        },
        payload: segment.payload,
        ttl: segment.ttl ?? TTL,
        dscp: segment.dscp ?? 0,
        ecn: segment.ecn ?? 0,
        overrides: segment.overrides,
      },
      { own: this.options.self.mac, peer: this.iutMac ?? new Uint8Array(6) },
    );
    const time = this.now();
    for (const frame of frames) this.sendFrame(frame);
    const whole = frames.length === 1 && frames[0] ? readFrame(frames[0], time, ++this.frames) : undefined;
    const packet = whole ?? this.asSent(segment, defaults.window, time);
    if (segment.overrides['tcp.checksum'] !== undefined) packet.tcp.checksumStatus = 'bad';
    return packet;
  }

  /** Sends an ICMP error about the IUT's last segment; false where this family has no such error. */
  sendIcmp(message: IcmpMessage, quotedSeq: number): boolean {
    const { version, port } = this.options;
    const quoted =
      this.last ?? quotableFrom(version, this.iutAddress, this.address, [this.iutPort ?? 0, port]);
    const packet = buildIcmp(message, quoted, quotedSeq, { tester: this.address, iut: this.iutAddress });
    if (!packet) return false;
    const frame = Buffer.alloc(ETHERNET_HEADER + packet.length);
    frame.set(this.iutMac ?? new Uint8Array(6), 0);
    frame.set(this.options.self.mac, 6);
    frame.writeUInt16BE(version === 4 ? 0x0800 : 0x86dd, 12);
    frame.set(packet, ETHERNET_HEADER);
    this.sendFrame(frame);
    return true;
  }

  /**
   * The next packet of the IUT, waited for until `deadline` (ms since the epoch); undefined when none came. Where this
   * process was held up beyond the deadline, what came meanwhile is read first: timers would have their turn before it.
   */
  async next(deadline: number): Promise<{ packet: Packet; time: number } | undefined> {
    let turns = 0;
    for (;;) {
      const first = this.queue.shift();
      const ms = deadline - this.now();
      // Node's timers may fire up to a millisecond early, so the clock decides.
      if (first || this.stopped) return first;
      if (ms <= 0) {
        if (ms > -HELD_UP_MS || ++turns > TURNS) return undefined;
        await setImmediate();
        continue;
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, Math.ceil(ms));
      });
      clearTimeout(timer);
      this.wake = undefined;
    }
  }

  /** Stops listening; the device stays open for the next case. */
  stop(): void {
    this.stopped = true;
    this.options.device.onFrames(undefined);
    this.wake?.();
  }

  private receive(frame: Uint8Array, time: number): void {
    const { self, iut, port, device } = this.options;
    const answer = neighbourAnswer(frame, self, [iut.ipv4, iut.ipv6]);
    if (answer) {
      device.send(answer);
      device.flush();
      return;
    }
    this.learnMac(frame);
    const whole = this.defragmenter.whole(frame);
    if (!whole) return;
    const packet = readFrame(whole, time, this.frames + 1);
    // Whatever its source address says: nobody else is on this wire.
    if (packet?.tcp.dstPort !== port) return;
    this.frames++;
    this.iutPort ??= packet.tcp.srcPort;
    const headerLength = packet.ip.version === 4 ? (whole[ETHERNET_HEADER]! & 15) * 4 : 40;
    this.last = { version: packet.ip.version, packet: whole.slice(ETHERNET_HEADER), headerLength };
    this.queue.push({ packet, time });
    this.wake?.();
  }

  /** Frames of the IUT's host tell where it is: an ARP reply, an advertisement, or anything else it sends. */
  private learnMac(frame: Uint8Array): void {
    if (this.iutMac || frame.length < 42) return;
    const source = frame.slice(6, 12);
    if (source.every((octet, index) => octet === this.options.self.mac[index])) return;
    const type = (frame[12]! << 8) | frame[13]!;
    if (type === 0x0806 || type === 0x0800 || type === 0x86dd) this.iutMac = source;
  }

  private sendFrame(frame: Uint8Array): void {
    this.options.device.send(frame);
    this.options.device.flush();
  }

  /** A segment that was sent in pieces or wrong, as it was meant. */
  private asSent(segment: ScriptSegment, window: number, time: number): Packet {
    const { version } = this.options;
    return {
      frame: ++this.frames,
      time: time / 1000,
      interfaceId: 0,
      ip: { version, src: this.address, dst: this.iutAddress, ttl: TTL, dscp: 0, ecn: 0 },
      tcp: {
        ...{ stream: 0, srcPort: this.options.port, dstPort: this.iutPort ?? 0, seq: 0, ack: 0 },
        ...{ seqRaw: segment.seq, ackRaw: segment.ack, flags: segment.flags, len: segment.payload.length },
        ...{ headerLen: 20, windowRaw: segment.window ?? window, window: segment.window ?? window },
        ...{ urgentPointer: segment.urgent, checksum: 0, checksumStatus: 'unverified' as const },
        ...{ options: { kinds: [] }, payload: segment.payload, analysis: [] },
      },
      fields: {},
    };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
