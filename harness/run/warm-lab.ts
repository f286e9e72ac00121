import { withNamespace } from '../../native/namespace.js';
import { PacketSocket } from '../../native/packet-socket.js';
import { createLab, type Lab, type LabOptions } from '../../netns/lab.js';
import { Relay } from '../../netns/relay/relay.js';
import type { RelayRule } from '../../netns/relay/rules.js';
import type { Role } from '../case/model.js';
import { type CaptureCut, mergeCuts } from '../capture/capture-cut.js';
import { LiveCapture, type Mark } from '../capture/live-capture.js';
import { lostFrames } from './lost-frames.js';
import { WireWatch } from './wire-watch.js';
import { WireWatches } from './wire-watches.js';

/** What a case needs of its lab; labs of one kind are used again one case after another. */
export interface LabKind extends LabOptions {
  /** End at which the wire is captured; the client's unless told. */
  capture?: Role | 'both';
}

/** What the wire carried during a case. */
export interface WireCut {
  /** Of both ends, where both are captured: interface 0 is the client's, 1 the server's. */
  cut: CaptureCut;
  /** Numbers of the frames that did not reach the other end. */
  lost: ReadonlySet<number>;
  /** Why this proves nothing, where something was lost against the rules. */
  problem?: string;
}

/** Ports of the tester, below those that kernels choose by themselves. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

interface Parts {
  captures: LiveCapture[];
  watchers: PacketSocket[];
  relay: Relay | undefined;
}

/**
 * A lab with its capture running and its sockets open: what would cost tens of milliseconds a case is done once.
 */
export class WarmLab {
  readonly watch: WireWatches;
  /** 4-tuples that a kernel has held in this lab: TIME-WAIT may still own them. */
  readonly usedTuples = new Set<string>();
  private port = FIRST_PORT;
  /** Set when something may still be sent by an earlier case: the lab is not used again. */
  spent = false;
  private readonly devices = new Map<Role, PacketSocket>();
  private marks: Mark[] | undefined;
  private overrunBefore = 0;

  private constructor(
    readonly kind: LabKind,
    readonly lab: Lab,
    private readonly parts: Parts,
  ) {
    const watches = parts.watchers.map((watcher) => {
      const watch = new WireWatch();
      watcher.onFrames((frames) => {
        const now = performance.now();
        for (const frame of frames) watch.onFrame(frame, now);
      });
      return watch;
    });
    this.watch = new WireWatches(watches);
  }

  /** Makes the lab and starts its captures and its relay. Throws LabError, CaptureError. */
  static async create(kind: LabKind): Promise<WarmLab> {
    const { capture, ...options } = kind;
    const lab = await createLab(options);
    const parts: Parts = { captures: [], watchers: [], relay: undefined };
    try {
      for (const role of captureEnds(capture)) {
        const end = lab[role];
        parts.captures.push(await LiveCapture.start({ netnsPath: end.path, interfaces: [end.interface] }));
      }
      // The two ends of a plain wire see the same.
      for (const end of lab.middle === undefined ? [lab.client] : [lab.client, lab.server])
        parts.watchers.push(
          withNamespace(end.path, () => PacketSocket.open(end.interface, { outgoing: true })),
        );
      if (lab.middle !== undefined && !lab.middle.bridged) parts.relay = Relay.open(lab.middle);
      return new WarmLab(kind, lab, parts);
    } catch (error) {
      await close(parts);
      await lab.destroy();
      throw error;
    }
  }

  /** A raw socket on that end's interface, for an in-process stack or the lower tester; opened once. */
  device(role: Role): PacketSocket {
    let device = this.devices.get(role);
    if (!device) {
      const end = this.lab[role];
      device = withNamespace(end.path, () => PacketSocket.open(end.interface));
      this.devices.set(role, device);
    }
    return device;
  }

  /** A port that no earlier case of this lab used. */
  nextPort(): number {
    this.port = this.port >= LAST_PORT ? FIRST_PORT : this.port + 1;
    return this.port;
  }

  /** Begins a case: what the wire carries from here on belongs to it, and is impaired as it says. */
  begin(impair: readonly RelayRule[] = []): void {
    const { captures, relay } = this.parts;
    relay?.play(impair);
    this.overrunBefore = relay?.overrun ?? 0;
    for (const device of this.devices.values()) device.discard();
    this.watch.reset();
    this.marks = captures.map((capture) => capture.mark());
  }

  /** Frames that are on their way between the ends. */
  get underWay(): number {
    return this.parts.relay?.waiting ?? 0;
  }

  /** Ends the case: every frame since `begin`, once the last of them is in the capture. Throws CaptureError. */
  async cut(): Promise<WireCut> {
    const { captures, relay } = this.parts;
    const { marks } = this;
    if (!marks) throw new Error('cut without begin');
    const cuts = await Promise.all(captures.map((capture, index) => capture.cut(marks[index]!)));
    this.marks = undefined;
    const cut = cuts.length === 1 ? cuts[0]! : mergeCuts(cuts);
    const lost = lostFrames(cut, relay?.fates ?? [], captureEnds(this.kind.capture));
    const overrun = (relay?.overrun ?? 0) - this.overrunBefore;
    relay?.play([]);
    const problem =
      cut.drops > 0
        ? `the capture lost ${cut.drops} frames, so it proves nothing`
        : overrun > 0
          ? `the relay lost ${overrun} frames against its rules, so the case proves nothing`
          : undefined;
    return { cut, lost, ...(problem === undefined ? {} : { problem }) };
  }

  async destroy(): Promise<void> {
    for (const device of this.devices.values()) device.close();
    await close(this.parts);
    await this.lab.destroy();
  }
}

function captureEnds(capture: LabKind['capture'] = 'client'): readonly Role[] {
  return capture === 'both' ? ['client', 'server'] : [capture];
}

async function close({ captures, watchers, relay }: Parts): Promise<void> {
  for (const watcher of watchers) watcher.close();
  relay?.close();
  await Promise.all(captures.map((capture) => capture.stop()));
}
