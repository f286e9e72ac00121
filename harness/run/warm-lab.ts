import { withNamespace } from '../../native/namespace.js';
import { PacketSocket } from '../../native/packet-socket.js';
import { createLab, type Lab, type LabOptions } from '../../netns/lab.js';
import type { Role } from '../case/model.js';
import type { CaptureCut } from '../capture/capture-cut.js';
import { LiveCapture } from '../capture/live-capture.js';
import { WireWatch } from './wire-watch.js';

/** What a case needs of its lab; labs of one kind are used again one case after another. */
export type LabKind = LabOptions;

/** Ports of the tester, below those that kernels choose by themselves. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/**
 * A lab with its capture running and its sockets open: what would cost tens of milliseconds a case is done once.
 */
export class WarmLab {
  readonly watch = new WireWatch();
  /** 4-tuples that a kernel has held in this lab: TIME-WAIT may still own them. */
  readonly usedTuples = new Set<string>();
  private port = FIRST_PORT;
  /** Set when something may still be sent by an earlier case: the lab is not used again. */
  spent = false;
  private readonly devices = new Map<Role, PacketSocket>();
  private mark: ReturnType<LiveCapture['mark']> | undefined;

  private constructor(
    readonly kind: LabKind,
    readonly lab: Lab,
    private readonly capture: LiveCapture,
    private readonly watcher: PacketSocket,
  ) {
    watcher.onFrames((frames) => {
      const now = performance.now();
      for (const frame of frames) this.watch.onFrame(frame, now);
    });
  }

  /** Makes the lab and starts its capture. Throws LabError, CaptureError. */
  static async create(kind: LabKind): Promise<WarmLab> {
    const lab = await createLab(kind);
    try {
      const { client } = lab;
      const capture = await LiveCapture.start({ netnsPath: client.path, interfaces: [client.interface] });
      const watcher = withNamespace(client.path, () =>
        PacketSocket.open(client.interface, { outgoing: true }),
      );
      return new WarmLab(kind, lab, capture, watcher);
    } catch (error) {
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

  /** Begins a case: what the wire carries from here on belongs to it. */
  begin(): void {
    for (const device of this.devices.values()) device.discard();
    this.watch.reset();
    this.mark = this.capture.mark();
  }

  /** Ends the case: every frame since `begin`, once the last of them is in the capture. Throws CaptureError. */
  async cut(): Promise<CaptureCut> {
    if (!this.mark) throw new Error('cut without begin');
    const cut = await this.capture.cut(this.mark);
    this.mark = undefined;
    return cut;
  }

  async destroy(): Promise<void> {
    for (const socket of [this.watcher, ...this.devices.values()]) socket.close();
    await this.capture.stop();
    await this.lab.destroy();
  }
}
