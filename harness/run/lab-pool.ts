import { type LabKind, WarmLab } from './warm-lab.js';

/** Labs by kind, made when first needed and used again; at most `spare` idle ones are kept. */
export class LabPool {
  private readonly idle: WarmLab[] = [];
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly spare: number) {}

  /**
   * A lab of that kind whose kernels have not held any of `tuples` yet (`address:port>address:port`), for one case at a
   * time. Throws what making a lab throws.
   */
  async acquire(kind: LabKind, tuples: string[] = []): Promise<WarmLab> {
    const key = kindKey(kind);
    const fits = (lab: WarmLab) =>
      kindKey(lab.kind) === key && !tuples.some((tuple) => lab.usedTuples.has(tuple));
    const index = this.idle.findLastIndex(fits);
    if (index >= 0) return this.idle.splice(index, 1)[0]!;
    return WarmLab.create(kind);
  }

  release(lab: WarmLab): void {
    if (lab.spent) this.end(lab);
    else this.idle.push(lab);
    while (this.idle.length > this.spare) this.end(this.idle.shift()!);
  }

  async close(): Promise<void> {
    for (const lab of this.idle.splice(0)) this.end(lab);
    await Promise.all(this.ending);
  }

  /** Takes a lab down while the next cases run. */
  private end(lab: WarmLab): void {
    const done = lab.destroy().catch(() => undefined);
    this.ending.add(done);
    void done.then(() => this.ending.delete(done));
  }
}

function kindKey(kind: LabKind): string {
  return JSON.stringify(Object.entries(kind).sort(([a], [b]) => (a < b ? -1 : 1)));
}
