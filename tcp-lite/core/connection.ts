import { applyOption } from './config.js';
import { OptionError, type SoftError, type TcpError } from './errors.js';
import { touchKeepAlive } from './keep-alive.js';
import { output } from './output.js';
import { updateMss } from './path-mtu.js';
import { armRetransmission } from './retransmission.js';
import { seqDiff } from './seq.js';
import type { Tcb, TcpState } from './tcb.js';
import {
  abortConnection,
  closeBoth,
  closeSending,
  receive,
  send,
  tellWindow,
  urgentOctets,
} from './user-calls.js';

/**
 * What the application holds of a connection: the user calls of RFC 9293 section 3.10 and the reports of section
 * 3.9.1.8. Times are ms of the same clock as Tcp's. Callbacks run at the end of the call into Tcp that caused them and
 * may call back into the connection.
 */
export class Connection {
  onEstablished: (() => void) | undefined;
  /** In-order octets have arrived: read until `readable` is 0, or leave them and let the window close. */
  onReadable: (() => void) | undefined;
  /** After a write that was cut short: at least half of the send buffer is free again. */
  onWritable: (() => void) | undefined;
  /** The peer will send no more (its FIN); what is readable may still be read. */
  onEnd: (() => void) | undefined;
  /** It is over: in TIME-WAIT or CLOSED, with the reason if it did not end in good order. Called once. */
  onClosed: ((error?: TcpError) => void) | undefined;
  /** The urgent pointer has moved ahead (MUST-32). */
  onUrgent: (() => void) | undefined;
  /** Something that does not end the connection (MUST-47). */
  onSoftError: ((error: SoftError) => void) | undefined;
  /** For the one who drives the connection. */
  userData: unknown;

  private readonly tcb: Tcb;

  constructor(tcb: Tcb) {
    this.tcb = tcb;
  }

  get state(): TcpState {
    return this.tcb.state;
  }

  get localAddress(): string {
    return this.tcb.localAddress;
  }

  get localPort(): number {
    return this.tcb.localPort;
  }

  get remoteAddress(): string {
    return this.tcb.remoteAddress;
  }

  get remotePort(): number {
    return this.tcb.remotePort;
  }

  /** Octets that `read` can return now. */
  get readable(): number {
    return this.tcb.reassembly.ready;
  }

  /** Octets that `write` would take now; 0 once the sending side is closed. */
  get writable(): number {
    const { tcb } = this;
    if (tcb.finQueued || tcb.closedReported) return 0;
    return Math.max(0, tcb.settings.sendBuffer - tcb.sendBuffer.length);
  }

  /** Octets written that the peer has not acknowledged. */
  get unacknowledged(): number {
    return this.tcb.sendBuffer.length;
  }

  /** The peer has closed its sending side and everything before that has been read. */
  get ended(): boolean {
    return this.tcb.finReceived && this.tcb.reassembly.ready === 0;
  }

  /** Octets of urgent data not yet read (MUST-33); `read` stops at their end. */
  get urgentOctets(): number {
    return urgentOctets(this.tcb);
  }

  /** Why it ended, once it has; undefined for a good end. */
  get error(): TcpError | undefined {
    return this.tcb.error;
  }

  /**
   * Queues what fits and returns how many octets that was; the data is copied. Throws ClosingError, or what ended the
   * connection, once nothing can be sent any more.
   */
  write(data: Uint8Array, now: number, options?: { urgent?: boolean }): number {
    return this.guarded(() => send(this.tcb, data, options?.urgent === true, now));
  }

  /** Up to `max` octets for the caller to keep; undefined when none are there. */
  read(max: number, now: number): Uint8Array | undefined {
    return receive(this.tcb, max, now);
  }

  /** Closes the sending side: a FIN behind what is queued. Reading goes on. */
  shutdown(now: number): void {
    this.guarded(() => closeSending(this.tcb, now));
  }

  /** Closes both sides; a reset tells the peer if that loses data (SHLD-3). */
  close(now: number): void {
    this.guarded(() => closeBoth(this.tcb, now));
  }

  /** Ends the connection with a reset. `onClosed` gets a ConnectionAbortedError. */
  abort(now: number): void {
    this.guarded(() => abortConnection(this.tcb, now));
  }

  /** Changes an option of a living connection. Throws OptionError for what only counts at the start, or is unknown. */
  setOption(name: string, value: unknown, now: number): void {
    const { tcb } = this;
    if (ONLY_AT_START.has(name) && tcb.state !== 'CLOSED') {
      throw new OptionError(`${name} cannot change on a living connection`, 'give it to connect or listen');
    }
    applyOption(tcb.settings, name, value);
    if (tcb.closedReported) return;
    if (name === 'keepAlive') touchKeepAlive(tcb, now);
    if (name === 'mss') updateMss(tcb);
    if (name === 'userTimeoutMs' && tcb.retransmitAt !== Infinity) armRetransmission(tcb, now);
    if (name === 'noDelay' || name === 'mss') output(tcb, now);
    if (name === 'receiveBuffer' || name === 'window') tellWindow(tcb, now);
  }

  /** STATUS (RFC 9293 section 3.10.6), with what a person debugging wants to know. */
  status(): ConnectionStatus {
    const { tcb } = this;
    return {
      state: tcb.state,
      localAddress: tcb.localAddress,
      localPort: tcb.localPort,
      remoteAddress: tcb.remoteAddress,
      remotePort: tcb.remotePort,
      iss: tcb.iss,
      irs: tcb.irs,
      sndUna: tcb.sndUna,
      sndNxt: tcb.sndNxt,
      sndWnd: tcb.sndWnd,
      rcvNxt: tcb.rcvNxt,
      rcvWnd: Math.max(0, seqDiff(tcb.rcvEdge, tcb.rcvNxt)),
      sndMss: tcb.sndMss,
      cwnd: tcb.cwnd,
      ssthresh: tcb.ssthresh,
      recovery: (['open', 'fast-recovery', 'loss-recovery'] as const)[tcb.recovery],
      srttMs: tcb.srtt < 0 ? undefined : tcb.srtt,
      rtoMs: tcb.rto,
      pathMtu: tcb.pathMtu,
      unacknowledged: tcb.sendBuffer.length,
      readable: tcb.reassembly.ready,
      urgentOctets: urgentOctets(tcb),
      dscp: tcb.settings.dscp,
      receivedDscp: tcb.lastDscp,
      userTimeoutMs: tcb.settings.userTimeoutMs,
      timestamps: tcb.timestamps,
      sack: tcb.sack,
      windowScale: tcb.windowScaling ? { send: tcb.sndScale, receive: tcb.rcvScale } : undefined,
      ecn: tcb.ecn,
      retransmissions: tcb.retransmissions,
      segmentsIn: tcb.segmentsIn,
      segmentsOut: tcb.segmentsOut,
      bufferMemory: tcb.sendBuffer.allocated + tcb.reassembly.allocated,
      softError: tcb.softError,
      error: tcb.error,
    };
  }

  /** Runs a user call and then tells the application what came of it. */
  private guarded<T>(call: () => T): T {
    try {
      return call();
    } finally {
      this.tcb.stack.deliver();
    }
  }
}

/** All of it as plain values; sequence numbers raw, times in ms, sizes in octets. */
export interface ConnectionStatus {
  state: TcpState;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  iss: number;
  irs: number;
  sndUna: number;
  sndNxt: number;
  sndWnd: number;
  rcvNxt: number;
  rcvWnd: number;
  sndMss: number;
  cwnd: number;
  ssthresh: number;
  recovery: 'open' | 'fast-recovery' | 'loss-recovery';
  srttMs: number | undefined;
  rtoMs: number;
  pathMtu: number;
  unacknowledged: number;
  readable: number;
  urgentOctets: number;
  dscp: number;
  receivedDscp: number;
  userTimeoutMs: number;
  timestamps: boolean;
  sack: boolean;
  windowScale: { send: number; receive: number } | undefined;
  ecn: boolean;
  retransmissions: number;
  segmentsIn: number;
  segmentsOut: number;
  /** Octets of memory that its buffers hold. */
  bufferMemory: number;
  softError: SoftError | undefined;
  error: TcpError | undefined;
}

const ONLY_AT_START = new Set([
  'isn',
  'mssOption',
  'windowScale',
  'timestamps',
  'sack',
  'ecn',
  'initialWindow',
]);
