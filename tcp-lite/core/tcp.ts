import type { IcmpError, Segment } from '../wire/segment.js';
import { arrive } from './arrive.js';
import { arriveListen } from './arrive-listen.js';
import { settingsFrom, type ConnectOptions, type ListenOptions, type TcpConfig } from './config.js';
import { Connection } from './connection.js';
import { ConnectionTable } from './connection-table.js';
import { deliverEvents } from './deliver.js';
import { terminate } from './ending.js';
import { AddressInUseError, ConnectionAbortedError } from './errors.js';
import { RST, ACK, SYN } from './flags.js';
import { icmpArrives } from './icmp.js';
import { socketHashes } from './iss.js';
import { Listener } from './listener.js';
import { chooseListenPort, resolveConnect, validateListen } from './addressing.js';
import { prepare } from './open.js';
import { armRetransmission } from './retransmission.js';
import { Rules } from './rules.js';
import { earliestDeadline, runTimers } from './run-timers.js';
import { answerWithReset, sendReset, sendSyn } from './segment-out.js';
import type { Counters, Stack, StackLimits } from './stack.js';
import { Tcb } from './tcb.js';
import { TimerHeap } from './timers.js';

/** What TCP needs of the layer below and of the host. None of these may call back into Tcp. */
export interface TcpIo {
  /** Sends a segment. Its payload is a view that holds only during the call. */
  transmit(segment: Segment): void;
  /** Octets of IP packet that the link to `dst` carries. */
  mtu(dst: string): number;
  /** The address to reach `dst` from (MUST-44); undefined if there is no route. */
  localAddress(version: 4 | 6, dst: string): string | undefined;
  /** Is it a broadcast address of an attached subnet? Limited broadcast and multicast are known anyway. */
  isBroadcast?(address: string): boolean;
  /** Is it one of the host's own addresses? */
  isLocal?(address: string): boolean;
}

/**
 * A TCP as of RFC 9293: pure procedures over state, without I/O, clock or randomness of its own. Segments and the time
 * go in; segments come out through `io.transmit`, reports through the callbacks of Connection and Listener. Times are ms
 * of one monotonic clock.
 */
export class Tcp implements Stack {
  readonly rules: Rules;
  readonly limits: StackLimits;
  readonly counters: Counters = {
    segmentsIn: 0,
    segmentsOut: 0,
    unmatched: 0,
    resetsSent: 0,
    backlogDrops: 0,
    badAddresses: 0,
    retransmissions: 0,
    challengeAcks: 0,
    challengesSuppressed: 0,
    outOfWindow: 0,
    paws: 0,
  };
  private readonly config: TcpConfig;
  private readonly io: TcpIo;
  private readonly secret: string;
  private readonly ttl: number;
  private readonly table = new ConnectionTable();
  private readonly timers = new TimerHeap<Tcb>();
  private readonly listeners = new Map<number, Listener[]>();
  private readonly pending: Tcb[] = [];
  private delivered = 0;
  private delivering = false;
  /** The latest time heard of. */
  private now = 0;

  constructor(config: TcpConfig, io: TcpIo) {
    this.config = config;
    this.io = io;
    this.rules = config.rules ?? new Rules();
    this.secret = config.secret ?? Array.from({ length: 4 }, () => String(config.random())).join();
    this.ttl = settingsFrom(config.connection).ttl;
    this.limits = {
      mslMs: config.mslMs ?? 30_000,
      minRtoMs: config.minRtoMs ?? 1000,
      maxRtoMs: config.maxRtoMs ?? 60_000,
      ackDelayMs: config.ackDelayMs ?? 40,
      r1: config.r1 ?? 3,
      ignoreResetInTimeWait: config.ignoreResetInTimeWait ?? false,
    };
  }

  /** Connections that have a TCB, TIME-WAIT and half-open ones included. */
  get connectionCount(): number {
    return this.table.size;
  }

  /** SEGMENT ARRIVES (RFC 9293 section 3.10.7). The checksum has been verified; the payload may be a borrowed view. */
  segmentArrives(segment: Segment, now: number): void {
    this.now = now;
    this.counters.segmentsIn++;
    const tcb = this.table.find(segment.dst, segment.dstPort, segment.src, segment.srcPort);
    if (!this.rules.beforeArrival(segment, tcb, now)) return this.deliver();
    if (tcb === undefined) this.arriveWithoutConnection(segment, now);
    else if (tcb.state === 'TIME-WAIT' && isFreshSyn(segment)) this.arriveInTimeWait(tcb, segment, now);
    else arrive(tcb, segment, now);
    this.deliver();
  }

  /** An ICMP error that quotes one of our segments (RFC 9293 section 3.9.2.2, MUST-54). */
  icmpError(error: IcmpError, now: number): void {
    const tcb = this.table.find(error.src, error.srcPort, error.dst, error.dstPort);
    if (tcb !== undefined) icmpArrives(tcb, error, now);
    this.deliver();
  }

  /** When `advance` wants to be called next, ms; Infinity when nothing runs. May be early, never late. */
  nextDeadline(): number {
    return this.timers.next();
  }

  /** Runs the timers that are due. */
  advance(now: number): void {
    this.now = now;
    for (let tcb = this.timers.takeDue(now); tcb !== undefined; tcb = this.timers.takeDue(now)) {
      runTimers(tcb, now);
      if (tcb.state !== 'CLOSED') this.wake(tcb, earliestDeadline(tcb));
    }
    this.deliver();
  }

  /**
   * Active OPEN: sends a SYN and returns at once (section 3.10.1). Throws InvalidAddressError (MUST-46),
   * AddressInUseError or OptionError.
   */
  connect(options: ConnectOptions, now: number): Connection {
    this.now = now;
    const settings = settingsFrom(this.config.connection, options);
    const sockets = resolveConnect(
      options,
      this.config,
      this.io,
      this.rules,
      (local, port, remote, remotePort) => this.socketsFree(local, port, remote, remotePort),
    );
    const { version, localAddress, localPort, remoteAddress, remotePort } = sockets;
    const tcb = new Tcb(this, settings, version, localAddress, localPort, remoteAddress, remotePort);
    const connection = new Connection(tcb);
    tcb.connection = connection;
    prepare(tcb, now);
    tcb.state = 'SYN-SENT';
    this.insert(tcb);
    armRetransmission(tcb, now);
    sendSyn(tcb, now);
    return connection;
  }

  /** Passive OPEN. Existing connections are not touched (MUST-41, MUST-42). Throws AddressInUseError or OptionError. */
  listen(options: ListenOptions): Listener {
    const settings = settingsFrom(this.config.connection, options);
    const address = validateListen(options);
    const port = options.port === 0 ? chooseListenPort(this.config, this.listeners) : options.port;
    const others = this.listeners.get(port) ?? [];
    const listener = new Listener(address, port, options.backlog ?? 128, settings, (closed) =>
      this.unlisten(closed),
    );
    if (others.some((other) => other.address === address))
      throw new AddressInUseError(`port ${port} has a listener`, 'take another port, or 0 for any');
    this.listeners.set(port, [...others, listener]);
    return listener;
  }

  // --- Stack: what the procedures of a connection see.

  transmit(segment: Segment): void {
    this.io.transmit(segment);
  }

  linkMtu(dst: string): number {
    return this.io.mtu(dst);
  }

  isBroadcast(address: string): boolean {
    return this.io.isBroadcast?.(address) ?? false;
  }

  isLocal(address: string): boolean {
    return this.io.isLocal?.(address) ?? false;
  }

  initialNumbers(tcb: Tcb, now: number): { iss: number; tsOffset: number } {
    const hashes = socketHashes(tcb, this.secret);
    return { iss: this.rules.iss(hashes.iss, now), tsOffset: hashes.timestamp };
  }

  raise(tcb: Tcb, event: number): void {
    if (tcb.events === 0) this.pending.push(tcb);
    tcb.events |= event;
  }

  wake(tcb: Tcb, at: number): void {
    if (at < tcb.wakeAt) this.timers.wake(tcb, at);
  }

  insert(tcb: Tcb): void {
    this.table.add(tcb);
  }

  remove(tcb: Tcb): void {
    this.table.remove(tcb);
    this.timers.remove(tcb);
    tcb.wakeAt = Infinity;
  }

  deliver(): void {
    if (this.delivering || this.pending.length === 0) return;
    this.delivering = true;
    try {
      // What callbacks cause is appended and has its turn too.
      while (this.delivered < this.pending.length) deliverEvents(this.pending[this.delivered++]!);
    } finally {
      // A callback that throws keeps the others waiting only until the next call.
      if (this.delivered === this.pending.length) this.pending.length = 0;
      else this.pending.splice(0, this.delivered);
      this.delivered = 0;
      this.delivering = false;
    }
  }

  // --- Segments without a connection.

  private arriveWithoutConnection(segment: Segment, now: number): void {
    if (!this.rules.addressesValid(this, segment)) {
      this.counters.badAddresses++;
      return;
    }
    const listener = this.listenerFor(segment);
    if (listener !== undefined) {
      arriveListen(this, listener, segment, now);
      return;
    }
    this.counters.unmatched++;
    answerWithReset(this, segment, this.ttl);
  }

  /** A SYN for sockets in TIME-WAIT may open them anew (RFC 6191; RFC 9293 section 3.6.1, MAY-2). */
  private arriveInTimeWait(tcb: Tcb, segment: Segment, now: number): void {
    const listener = this.listenerFor(segment);
    const verdict = this.rules.timeWaitSyn(tcb, segment);
    if (verdict === 'accept' && listener !== undefined && !listener.full) {
      const above = tcb.sndMax;
      terminate(tcb);
      arriveListen(this, listener, segment, now, above);
    } else if (verdict !== 'drop') {
      arrive(tcb, segment, now);
    }
  }

  private listenerFor(segment: Segment): Listener | undefined {
    const candidates = this.listeners.get(segment.dstPort);
    if (candidates === undefined) return undefined;
    return (
      candidates.find((listener) => listener.address === segment.dst) ??
      candidates.find((listener) => listener.address === undefined)
    );
  }

  private unlisten(listener: Listener): void {
    const left = (this.listeners.get(listener.port) ?? []).filter((other) => other !== listener);
    if (left.length === 0) this.listeners.delete(listener.port);
    else this.listeners.set(listener.port, left);
    const halfOpen = [...this.table].filter(
      (tcb) => tcb.state === 'SYN-RECEIVED' && tcb.listener === listener,
    );
    for (const tcb of halfOpen) {
      sendReset(tcb, this.now);
      terminate(tcb, new ConnectionAbortedError('the listener was closed'));
    }
    for (const connection of listener.drain()) connection.abort(this.now);
    this.deliver();
  }

  private socketsFree(local: string, port: number, remote: string, remotePort: number): boolean {
    return this.table.find(local, port, remote, remotePort) === undefined;
  }
}

function isFreshSyn(segment: Segment): boolean {
  return (segment.flags & (SYN | ACK | RST)) === SYN;
}
