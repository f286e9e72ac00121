import { type LabKind, WarmLab } from './warm-lab.js';

/** Each lab starts half a dozen programs, which holds this process up: cases under way must not miss their timers. */
const MADE_AT_ONCE = 4;

/** Labs by kind, made when first needed and used again; at most `spare` idle ones are kept. */
export class LabPool {
  private readonly idle: WarmLab[] = [];
  private readonly ending = new Set<Promise<void>>();
  private readonly rows: Promise<unknown>[] = Array.from({ length: MADE_AT_ONCE }, () => Promise.resolve());
  private row = 0;

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
    return this.make(kind);
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

  /** Makes a lab once its turn has come. */
  private make(kind: LabKind): Promise<WarmLab> {
    const row = this.row++ % this.rows.length;
    const lab = (this.rows[row] ?? Promise.resolve()).then(() => WarmLab.create(kind));
    this.rows[row] = lab.catch(() => undefined);
    return lab;
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
