import { setTimeout as sleep } from 'node:timers/promises';
import { withNamespace } from '../../native/namespace.js';
import { PacketSocket } from '../../native/packet-socket.js';
import { CaptureCut, mergeByTime, type CapturedFrame } from './capture-cut.js';
import { DumpcapProcess } from './dumpcap-process.js';
import { CaptureError } from './errors.js';
import { InterfaceLosses } from './interface-losses.js';
import { KernelDrops } from './kernel-drops.js';
import { viewOf } from './pcapng.js';
import { SHORTEST_SNAP_LENGTH, SentinelFrames, fillerFrame } from './sentinel.js';

export interface LiveCaptureOptions {
  /** Namespace file, such as /run/netns/NAME. */
  netnsPath: string;
  interfaces: readonly string[];
  /** Octets kept of each frame; all unless told. At least 64. */
  snapLength?: number;
  /** Room in the kernel for frames not yet read, MiB an interface; 4 unless told. */
  bufferMiB?: number;
  /** False keeps off the kernel's drop counter, as on a machine that does not give it. */
  dropCounter?: boolean;
}

export interface CutOptions {
  /**
   * Sends the frame that ends the case in place of the capture itself, on every captured interface: as from the other
   * end of the wire, so that it queues behind what that end has sent.
   */
  sendSentinel?: (frame: Uint8Array) => void;
  /** How long the capture may take to show the sentinel, ms; 5000 unless told. */
  timeoutMs?: number;
}

/** The place in a running capture where a case begins. */
export interface Mark {
  readonly id: number;
}

/**
 * One long-lived dumpcap in a namespace, cut into one capture a case. The kernel hands a capture its frames in blocks of
 * 256 KiB, and an unfilled block only after a quarter of a second; so a case ends with a sentinel frame and as many
 * fillers as complete the block. Neither is part of the cut.
 */
export class LiveCapture {
  readonly #process: DumpcapProcess;
  readonly #senders: readonly PacketSocket[];
  readonly #sentinels = new SentinelFrames();
  readonly #drops: KernelDrops | undefined;
  readonly #losses: InterfaceLosses | undefined;
  /** What `#losses` came to when the last case was over. */
  #lost = 0;
  readonly #fillers: readonly Filler[];
  readonly #open = new Map<number, OpenMark>();
  #failure: CaptureError | undefined;

  /**
   * Resolves when the capture runs: every frame from then on is in it. Throws CaptureError where dumpcap is missing or
   * cannot capture, SystemError where the namespace or an interface does not exist.
   */
  static async start(options: LiveCaptureOptions): Promise<LiveCapture> {
    const snapLength = options.snapLength ?? WHOLE_FRAMES;
    if (snapLength < SHORTEST_SNAP_LENGTH)
      throw new RangeError(`a snap length of ${snapLength} octets, shortest ${SHORTEST_SNAP_LENGTH}`);
    const senders: PacketSocket[] = [];
    let process: DumpcapProcess | undefined;
    try {
      process = withNamespace(options.netnsPath, () => {
        for (const name of options.interfaces)
          senders.push(PacketSocket.open(name, { protocol: 0, receiveBuffer: 4096 }));
        return new DumpcapProcess(options.interfaces, snapLength, options.bufferMiB ?? DEFAULT_BUFFER_MIB);
      });
      await process.armed;
      return new LiveCapture(process, senders, snapLength, options.dropCounter ?? true);
    } catch (error) {
      senders.forEach((sender) => sender.close());
      await process?.stop();
      throw error;
    }
  }

  private constructor(
    process: DumpcapProcess,
    senders: readonly PacketSocket[],
    snapLength: number,
    dropCounter: boolean,
  ) {
    this.#process = process;
    this.#senders = senders;
    this.#drops = dropCounter ? KernelDrops.of(process.pid) : undefined;
    if (this.#drops === undefined)
      this.#losses = new InterfaceLosses(
        process.pid,
        process.interfaces.map(({ name }) => name),
      );
    this.#fillers = senders.map((sender) => fillerFor(sender.mtu, snapLength));
    process.onFrame = (interfaceId, block) => this.#take(interfaceId, block);
    process.onEnd = (failure) => this.#fail(failure);
  }

  /** Begins a case: it gets what is sent or received on the interfaces from now on. Throws CaptureError. */
  mark(): Mark {
    this.#requireRunning();
    const id = this.#sentinels.next();
    const drops = this.#drops?.read() ?? this.#lost;
    this.#open.set(id, new OpenMark(this.#senders.length, drops));
    this.#send(this.#sentinels.boundary('begin', id));
    return { id };
  }

  /**
   * Ends a case: waits until all that was seen on the interfaces until now is here, and returns it. Cases may overlap. A
   * mark can be cut once. Throws CaptureError when the capture died or does not show the sentinel.
   */
  async cut(mark: Mark, options: CutOptions = {}): Promise<CaptureCut> {
    const open = this.#open.get(mark.id);
    this.#requireRunning();
    if (open === undefined) throw new TypeError('a mark of another capture, or one already cut');
    try {
      const end = this.#sentinels.boundary('end', mark.id);
      if (options.sendSentinel === undefined) this.#send(end);
      else options.sendSentinel(end);
      // The kernel counts as it takes a frame, so this is exact for all until the sentinel; fillers do not matter.
      const counted = this.#drops?.read();
      this.#fill();
      await this.#ended(open, end, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const drops = (counted ?? (await this.#settledLosses())) - open.dropsBefore;
      return new CaptureCut({
        section: this.#process.section,
        interfaces: this.#process.interfaces,
        frames: mergeByTime(open.frames),
        // A begin frame that never came was dropped, whatever the counter can tell.
        drops: Math.max(drops, open.begun.filter((begun) => !begun).length),
        dropsKnown: this.#drops !== undefined,
      });
    } finally {
      this.#open.delete(mark.id);
    }
  }

  /** Forgets a mark that will not be cut, with its frames. */
  release(mark: Mark): void {
    this.#open.delete(mark.id);
  }

  /** Ends the capture; open marks fail. Safe to call twice. */
  async stop(): Promise<void> {
    this.#fail(new CaptureError('died', 'the capture was stopped'));
    this.#senders.forEach((sender) => sender.close());
    await this.#process.stop();
  }

  /** Frames lost so far, once those that are on their way have had time to come. */
  async #settledLosses(): Promise<number> {
    for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
      // Fillers that wait in an unfinished block are outstanding too, but not for long.
      if ((this.#losses?.outstanding() ?? 0) <= this.#lost) return this.#lost;
      await sleep(SETTLE_STEP_MS);
    }
    this.#lost = Math.max(this.#lost, this.#losses?.outstanding() ?? 0);
    return this.#lost;
  }

  #take(interfaceId: number, block: Uint8Array): void {
    this.#losses?.see(interfaceId);
    const frame = block.subarray(28, 28 + viewOf(block).getUint32(20, true));
    const own = this.#sentinels.recognise(frame);
    if (own === undefined) this.#keep(interfaceId, block);
    else if (own !== 'other') this.#open.get(own.id)?.boundary(own.kind, interfaceId);
  }

  #keep(interfaceId: number, block: Uint8Array): void {
    let kept: CapturedFrame | undefined;
    for (const mark of this.#open.values()) {
      if (!mark.wants(interfaceId)) continue;
      kept ??= { interfaceId, time: this.#process.timeOf(interfaceId, block), block: block.slice() };
      mark.frames[interfaceId]?.push(kept);
    }
  }

  async #ended(mark: OpenMark, sentinel: Uint8Array, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    // The sentinel itself may be dropped when the kernel's buffer is full, so it is sent again.
    const again = setInterval(() => {
      if (Date.now() >= deadline) {
        mark.fail(
          new CaptureError(
            'sentinel-lost',
            `the capture did not show the end of the case within ${timeoutMs} ms`,
            {
              output: this.#process.output,
            },
          ),
        );
        return;
      }
      this.#send(sentinel);
      this.#fill();
    }, RESEND_MS);
    try {
      await mark.ended;
    } finally {
      clearInterval(again);
    }
  }

  #send(frame: Uint8Array): void {
    for (const sender of this.#senders) {
      sender.send(frame);
      sender.flush();
    }
  }

  #fill(): void {
    for (const [index, sender] of this.#senders.entries()) {
      const filler = this.#fillers[index];
      if (filler === undefined) continue;
      for (let i = 0; i < filler.count; i++) sender.send(filler.frame);
      sender.flush();
    }
  }

  #fail(failure: CaptureError): void {
    this.#failure ??= failure;
    this.#drops?.close();
    for (const mark of this.#open.values()) mark.fail(this.#failure);
    this.#open.clear();
  }

  #requireRunning(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** A case that has begun, with what has come of it so far. */
class OpenMark {
  readonly begun: boolean[];
  /** By interface, in the order of arrival. */
  readonly frames: CapturedFrame[][];
  readonly dropsBefore: number;
  readonly ended: Promise<void>;
  readonly #over: boolean[];
  #resolve!: () => void;
  #reject!: (failure: CaptureError) => void;

  constructor(interfaces: number, dropsBefore: number) {
    this.begun = Array<boolean>(interfaces).fill(false);
    this.#over = Array<boolean>(interfaces).fill(false);
    this.frames = Array.from({ length: interfaces }, () => []);
    this.dropsBefore = dropsBefore;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A capture may fail before anybody waits for the end.
    this.ended.catch(() => undefined);
  }

  wants(interfaceId: number): boolean {
    return (this.begun[interfaceId] ?? false) && !(this.#over[interfaceId] ?? true);
  }

  boundary(kind: 'begin' | 'end', interfaceId: number): void {
    if (kind === 'begin') {
      this.begun[interfaceId] = true;
      return;
    }
    this.#over[interfaceId] = true;
    if (this.#over.every(Boolean)) this.#resolve();
  }

  fail(failure: CaptureError): void {
    this.#reject(failure);
  }
}

interface Filler {
  frame: Uint8Array;
  count: number;
}

/** As many full frames as fill a kernel block, each stored with the header that TPACKET_V3 puts before it. */
function fillerFor(mtu: number, snapLength: number): Filler {
  const frame = fillerFrame(Math.min(mtu + ETHERNET_HEADER, LONGEST_FILLER));
  const stored = Math.min(frame.length, snapLength) + KERNEL_FRAME_HEADER;
  return { frame, count: Math.ceil(KERNEL_BLOCK / stored) };
}

const ETHERNET_HEADER = 14;
// libpcap asks for blocks that hold its longest frame.
const KERNEL_BLOCK = 256 * 1024;
// What the kernel needs at least beside the frame; so the count is rather too high.
const KERNEL_FRAME_HEADER = 80;
const LONGEST_FILLER = 9000;
const WHOLE_FRAMES = 262144;
const DEFAULT_BUFFER_MIB = 4;
const DEFAULT_TIMEOUT_MS = 5000;
const RESEND_MS = 200;
// Longer than the kernel keeps an unfinished block.
const SETTLE_MS = 600;
const SETTLE_STEP_MS = 20;
