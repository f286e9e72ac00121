import { GrammarProblem } from './grammar-problem.js';

/** A reading position in one string of a case. */
export class Cursor {
  constructor(
    readonly text: string,
    public index = 0,
  ) {}

  get atEnd(): boolean {
    return this.index >= this.text.length;
  }

  skipSpace(): void {
    this.take(/[ \t\r\n\u00a0]*/y);
  }

  /** Reads what a sticky pattern matches here; undefined, and no step, where it does not. */
  take(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.index;
    const match = sticky.exec(this.text);
    if (match === null) return undefined;
    this.index += match[0].length;
    return match[0];
  }

  /** What a sticky pattern would match here. */
  peek(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.index;
    return sticky.exec(this.text)?.[0];
  }

  /** The run of characters up to the next space: what an error message quotes. */
  word(): string {
    return this.peek(/[^ \t\r\n]+/y) ?? '';
  }

  /** Reads on to the next space, where reading can go on after a problem. */
  skipWord(): void {
    this.take(/[^ \t\r\n]*/y);
  }

  problem(
    found: string,
    expected: string,
    remedy?: string,
    index = this.index,
    length?: number,
  ): GrammarProblem {
    const rest = this.text.slice(index);
    const width = length ?? /^[^ \t\r\n]+/.exec(rest)?.[0].length ?? 1;
    return new GrammarProblem(index, width, found, expected, remedy);
  }
}

/** A piece of a case between back quotes, short enough for one line. */
export function quoted(text: string): string {
  return `\`${text.length > 60 ? `${text.slice(0, 59)}…` : text}\``;
}
