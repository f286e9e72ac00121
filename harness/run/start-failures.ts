import { IutStartError } from './program.js';

/** So many cases in which an implementation did not come up, and none in which it did, say that it never will. */
const ENOUGH = 3;

/** Remembers which implementations come up, so that a run on one that cannot ends soon. */
export class StartFailures {
  private readonly came = new Set<string>();
  private readonly failed = new Map<string, IutStartError[]>();

  /** It is up in one case: what keeps it from it in another is that case's affair. */
  cameUp(iut: string): void {
    this.came.add(iut);
  }

  failedWith(iut: string, failure: IutStartError): void {
    if (!this.hopeless(iut)) this.failed.set(iut, [...(this.failed.get(iut) ?? []), failure]);
  }

  /** Why it is not worth trying once more, or undefined. */
  hopeless(iut: string): IutStartError | undefined {
    if (this.came.has(iut)) return undefined;
    const failures = this.failed.get(iut) ?? [];
    const last = failures.at(-1);
    if (last === undefined || (!last.isFinal && failures.length < ENOUGH)) return undefined;
    return new IutStartError(`not run, since ${last.message}`, last.remedy, true);
  }
}
