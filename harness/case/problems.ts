import { CaseError, codeFrame } from './case-error.js';
import type { GrammarProblem } from './grammar-problem.js';
import type { Place } from './model.js';
import type { SourceText } from './source-text.js';
import type { ScalarNode, YamlNode } from './yaml-node.js';

export interface Wrong {
  found: string;
  expected?: string;
  remedy?: string | undefined;
}

/**
 * Collects the problems of one file, one for each place: the first word on a place is the most exact. Only what is
 * missing altogether can be several things at one place.
 */
export class Problems {
  readonly #errors = new Map<string, CaseError>();
  /** What the payloads of one file may still hold. */
  #octets = 64 * 1024 * 1024;
  /** Name of the table row that is being read. */
  row: string | undefined;

  constructor(private readonly source: SourceText) {}

  /** False once the payloads of the file hold more than a case could mean. */
  takeOctets(count: number): boolean {
    this.#octets -= count;
    return this.#octets >= 0;
  }

  get all(): CaseError[] {
    return [...this.#errors.values()].sort(
      (a, b) => a.place.line - b.place.line || a.place.column - b.place.column,
    );
  }

  get count(): number {
    return this.#errors.size;
  }

  placeOf(node: YamlNode): Place {
    return this.source.placeAt(node.start);
  }

  /** A problem of a whole key or value. */
  at(node: YamlNode, wrong: Wrong): void {
    const multiline = node.kind !== 'scalar';
    this.atOffset(node.start, multiline ? 1 : Math.max(1, node.end - node.start), wrong);
  }

  /** A problem inside a string, at the column of the offending part. */
  inside(node: ScalarNode, problem: GrammarProblem): void {
    const { index, length, found, expected, remedy } = problem;
    const start = node.offsetOf(index);
    const end = node.offsetOf(index + length);
    this.atOffset(start, Math.max(1, end - start), { found, expected, remedy });
  }

  atOffset(offset: number, length: number, wrong: Wrong): void {
    this.#note(this.source.placeAt(offset), length, wrong);
  }

  #note(place: Place, length: number, { found, expected = '', remedy }: Wrong): void {
    const key = `${place.line}:${place.column}${found.startsWith('no `') ? found : ''}`;
    if (this.#errors.has(key)) return;
    const frame = codeFrame(this.source, place, length);
    this.#errors.set(key, new CaseError({ place, found, expected, remedy, frame, row: this.row }));
  }

  atPlace(place: Place, length: number, wrong: Wrong): void {
    this.#note(place, length, wrong);
  }

  /** Whether a place has a problem already. */
  has(node: YamlNode): boolean {
    const { line, column } = this.placeOf(node);
    return this.#errors.has(`${line}:${column}`);
  }
}
