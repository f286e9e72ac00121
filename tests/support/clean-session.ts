import type { Packet, TcpOptions } from '../../harness/dissect/packet.js';
import { ACK, FIN, PSH, SYN } from '../../harness/dissect/packet.js';

/** A conversation in which nothing goes wrong. Times in ms. */
export interface CleanSession {
  family: 4 | 6;
  clientPort: number;
  serverPort: number;
  clientIsn: number;
  serverIsn: number;
  /** One way, from the capture point to each end. */
  toClient: number;
  toServer: number;
  mss: number;
  windowScale: boolean;
  sack: boolean;
  timestamps: boolean;
  /** Receive window, octets. */
  window: number;
  ackEvery: 1 | 2;
  /** An ACK that waits for company does so this long. */
  delayedAck: number;
  messages: { from: 'client' | 'server'; octets: number; think: number; pipelined: boolean }[];
  /** Idle time with keep-alives before the close. */
  keepAlives: { from: 'client' | 'server'; count: number; interval: number; octet: boolean } | undefined;
  close: 'client' | 'server' | 'simultaneous' | 'none';
  /** The side that closes second sends so much after the first FIN. */
  afterFin: number;
  /** The FIN goes with the last data, where the side has any. */
  ids: 'counting' | 'random' | 'zero' | 'constant';
  ttl: [number, number];
  stream: number;
  start: number;
}

interface Host {
  role: 'client' | 'server';
  address: string;
  port: number;
  isn: number;
  delay: number;
  next: number;
  una: number;
  received: number;
  peerWindow: number;
  /** Message octets not sent yet. */
  queue: number;
  unackedSegments: number;
  ackTimer: number | undefined;
  finQueued: boolean;
  finSent: boolean;
  peerFin: boolean;
  established: boolean;
  id: number;
  ttl: number;
}

/** Plays the session between two flawless ends and returns what a capture on the path between them holds. */
export function playCleanSession(session: CleanSession): Packet[] {
  return new Player(session).play();
}

interface Wire {
  seq: number;
  ack: number;
  flags: number;
  len: number;
  options: TcpOptions;
}

class Player {
  private readonly packets: Packet[] = [];
  private readonly events: { at: number; order: number; run: () => void }[] = [];
  private now = 0;
  private order = 0;
  private nextMessage = 0;
  private lastTsval = new Map<Host, number>();
  private readonly client: Host;
  private readonly server: Host;

  constructor(private readonly s: CleanSession) {
    const v6 = s.family === 6;
    const host = (role: Host['role'], address: string, port: number, isn: number, delay: number): Host => ({
      ...{ role, address, port, isn, delay, next: 0, una: 0, received: 0, queue: 0 },
      peerWindow: Math.min(65_535, s.window),
      ...{ unackedSegments: 0, ackTimer: undefined, finQueued: false, finSent: false, peerFin: false },
      ...{ established: false, id: role === 'client' ? 65_500 : 4242, ttl: s.ttl[role === 'client' ? 0 : 1] },
    });
    this.client = host('client', v6 ? 'fd00::1' : '10.0.0.1', s.clientPort, s.clientIsn, s.toClient);
    this.server = host('server', v6 ? 'fd00::2' : '10.0.0.2', s.serverPort, s.serverIsn, s.toServer);
  }

  play(): Packet[] {
    this.transmit(this.client, SYN, 0);
    for (let steps = 0; this.events.length > 0 && steps < 100_000; steps++) {
      this.events.sort((a, b) => a.at - b.at || a.order - b.order);
      const event = this.events.shift();
      if (event === undefined) break;
      this.now = event.at;
      event.run();
    }
    this.packets.sort((a, b) => a.time - b.time);
    this.packets.forEach((packet, index) => (packet.frame = index + 1));
    return this.packets;
  }

  private after(ms: number, run: () => void): void {
    this.events.push({ at: this.now + ms, order: this.order++, run });
  }

  private peer(host: Host): Host {
    return host === this.client ? this.server : this.client;
  }

  private receive(host: Host, wire: Wire): void {
    const peer = this.peer(host);
    if (wire.flags & SYN) {
      host.received = 1;
      if (host === this.server) return this.transmit(host, SYN | ACK, 0);
      host.una = 1;
      host.established = true;
      this.transmit(host, ACK, 0);
      this.startMessage(0);
      return;
    }
    host.established = true;
    host.peerWindow = this.s.windowScale ? this.s.window : Math.min(65_535, this.s.window);
    if (wire.flags & ACK && wire.ack > host.una) host.una = wire.ack;
    const took = wire.len + (wire.flags & FIN ? 1 : 0);
    if (wire.seq === host.received && took > 0) {
      host.received += took;
      host.unackedSegments++;
      if (wire.flags & FIN) host.peerFin = true;
      if (wire.flags & FIN || host.unackedSegments >= this.s.ackEvery) this.acknowledge(host);
      else this.delayAck(host);
    } else if (wire.seq < host.received && took === 0 && wire.seq === host.received - 1) {
      this.transmit(host, ACK, 0);
    } else if (wire.seq < host.received && took > 0) this.transmit(host, ACK, 0);
    this.push(host);
    this.progress(host, peer);
  }

  /** Everything of a message has arrived: the next one may be due. */
  private progress(host: Host, peer: Host): void {
    if (peer.queue > 0 || host.received < peer.next || this.waiting !== peer) return;
    this.waiting = undefined;
    this.startMessage(this.nextMessage);
  }

  private waiting: Host | undefined;

  private startMessage(index: number): void {
    const message = this.s.messages[index];
    this.nextMessage = index + 1;
    if (message === undefined) return this.idle();
    const host = message.from === 'client' ? this.client : this.server;
    this.after(message.think, () => {
      host.queue += message.octets;
      this.waiting = message.pipelined && this.s.messages[index + 1] !== undefined ? undefined : host;
      this.push(host);
      if (this.waiting === undefined) this.startMessage(index + 1);
    });
  }

  private idle(): void {
    const { keepAlives } = this.s;
    if (keepAlives === undefined) return this.after(1, () => this.finish());
    const host = keepAlives.from === 'client' ? this.client : this.server;
    const length = keepAlives.octet && host.next > 1 ? 1 : 0;
    for (let i = 1; i <= keepAlives.count; i++) {
      this.after(i * keepAlives.interval + 2000, () => this.send(host, ACK, length, host.next - 1));
    }
    this.after((keepAlives.count + 1) * keepAlives.interval + 2000, () => this.finish());
  }

  private finish(): void {
    const { close, afterFin } = this.s;
    if (close === 'none') return;
    if (close === 'simultaneous') {
      for (const host of [this.client, this.server]) this.fin(host);
      return;
    }
    const first = close === 'client' ? this.client : this.server;
    const second = this.peer(first);
    this.fin(first);
    this.after(2 * (first.delay + second.delay) + 5, () => {
      second.queue += afterFin;
      this.fin(second);
    });
  }

  private fin(host: Host): void {
    host.finQueued = true;
    this.push(host);
  }

  private push(host: Host): void {
    if (!host.established) return;
    while (host.queue > 0) {
      const room = host.peerWindow - (host.next - host.una);
      const len = Math.min(host.queue, this.s.mss - (this.s.timestamps ? 12 : 0));
      if (room < len) return;
      host.queue -= len;
      const last = host.queue === 0;
      const fin = last && host.finQueued ? FIN : 0;
      if (fin) host.finSent = true;
      this.transmit(host, ACK | (last ? PSH : 0) | fin, len);
    }
    if (host.finQueued && !host.finSent) {
      host.finSent = true;
      this.transmit(host, ACK | FIN, 0);
    }
  }

  private delayAck(host: Host): void {
    if (host.ackTimer !== undefined) return;
    const timer = this.order;
    host.ackTimer = timer;
    this.after(this.s.delayedAck, () => {
      if (host.ackTimer === timer && host.unackedSegments > 0) this.acknowledge(host);
    });
  }

  private acknowledge(host: Host): void {
    this.transmit(host, ACK, 0);
  }

  private transmit(host: Host, flags: number, len: number): void {
    const seq = host.next;
    host.next += len + (flags & (SYN | FIN) ? 1 : 0);
    this.send(host, flags, len, seq);
  }

  private send(host: Host, flags: number, len: number, seq: number): void {
    const peer = this.peer(host);
    if (flags & ACK) {
      host.unackedSegments = 0;
      host.ackTimer = undefined;
    }
    const wire: Wire = {
      seq,
      ack: flags & ACK ? host.received : 0,
      flags,
      len,
      options: this.options(host, flags),
    };
    this.after(host.delay, () => this.capture(host, peer, wire));
    this.after(host.delay + peer.delay, () => this.receive(peer, wire));
  }

  private options(host: Host, flags: number): TcpOptions {
    const { s } = this;
    const kinds: number[] = [];
    const options: TcpOptions = { kinds };
    if (flags & SYN) {
      options.mss = s.mss;
      kinds.push(2);
      if (s.sack) {
        options.sackPermitted = true;
        kinds.push(4);
      }
      if (s.windowScale) {
        options.windowScale = 7;
        kinds.push(3);
      }
    }
    if (s.timestamps) {
      kinds.push(8);
      const value = Math.floor(this.now) + (host === this.client ? 0xffff_fff0 : 77);
      options.timestamp = { value: value >>> 0, echoReply: this.lastTsval.get(this.peer(host)) ?? 0 };
      this.lastTsval.set(host, value >>> 0);
    }
    return options;
  }

  private capture(host: Host, peer: Host, wire: Wire): void {
    const { s } = this;
    host.id = s.ids === 'random' ? Math.imul(host.id + 1, 40_503) & 0xffff : (host.id + 1) & 0xffff;
    const id = s.ids === 'zero' ? 0 : s.ids === 'constant' ? 1 : host.id;
    const scale = s.windowScale && (wire.flags & SYN) === 0 ? 7 : 0;
    const windowRaw = Math.min(65_535, Math.ceil(s.window / 2 ** scale));
    this.packets.push({
      frame: 0,
      time: s.start + this.now / 1000,
      interfaceId: 0,
      ip: {
        version: s.family,
        src: host.address,
        dst: peer.address,
        ttl: host.ttl,
        dscp: 0,
        ecn: 0,
        ...(s.family === 4 && { id, dontFragment: true }),
      },
      tcp: {
        stream: s.stream,
        srcPort: host.port,
        dstPort: peer.port,
        seqRaw: (host.isn + wire.seq) >>> 0,
        ackRaw: wire.flags & ACK ? (peer.isn + wire.ack) >>> 0 : 0,
        seq: wire.seq,
        ack: wire.ack,
        flags: wire.flags,
        len: wire.len,
        headerLen: 20,
        windowRaw,
        window: windowRaw * 2 ** scale,
        urgentPointer: 0,
        checksum: (Math.imul(wire.seq + wire.ack, 31) + wire.len) & 0xffff,
        checksumStatus: 'good',
        options: wire.options,
        payload: new Uint8Array(Math.min(wire.len, 16)),
        analysis: [],
      },
      fields: {},
    });
  }
}
