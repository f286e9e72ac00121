/** A problem inside one string of a case: offsets are indices into that string. Turned into a CaseError by Problems. */
export class GrammarProblem extends Error {
  override readonly name = 'GrammarProblem';

  constructor(
    readonly index: number,
    readonly length: number,
    readonly found: string,
    readonly expected: string,
    readonly remedy?: string,
  ) {
    super(found);
  }
}
