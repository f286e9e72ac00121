import type { Failure, PacketMark } from '../../harness/match/verdict.js';
import type { OtherFrameRow, PacketRow } from '../../harness/run/results.js';

export type End = 'client' | 'server';

/** What a ladder needs of a result; a `CaseResult` is one. */
export interface LadderInput {
  packets: readonly PacketRow[];
  marks: readonly PacketMark[];
  otherFrames?: readonly OtherFrameRow[];
  failure?: Pick<Failure, 'step' | 'expected' | 'kind' | 'frame' | 'from'> & {
    differences?: Failure['differences'];
  };
}

export type LadderRow =
  | {
      kind: 'packet';
      packet: PacketRow;
      mark: PacketMark['mark'];
      /** The packet that the verdict rests on. */
      offending: boolean;
      /** What should have stood here, in the line grammar, and who owed it; only on the offending packet. */
      expected?: string;
      expectedFrom?: End;
    }
  /** An expected packet that never came. */
  | { kind: 'gap'; from?: End; expected: string }
  | { kind: 'frame'; frame: OtherFrameRow }
  | { kind: 'skipped'; count: number };

/**
 * The rows of a ladder, top to bottom: packets in time order, other frames between them, and the gap of a packet
 * that never came after the last packet that an earlier step took.
 */
export function ladderRows(input: LadderInput): LadderRow[] {
  const marks = new Map(input.marks.map((mark) => [mark.frame, mark]));
  const rows = inTimeOrder(input).map((row) => withMark(row, marks, input.failure));
  const failure = input.failure;
  if (failure !== undefined && isGap(failure, input.packets)) {
    rows.splice(gapIndex(rows, marks, failure.step), 0, gapRow(failure));
  }
  return rows;
}

/**
 * The same rows cut to what a reader of a failure needs: `before` rows ahead of the first row that is wrong and `after`
 * behind it, the rest counted. Without anything wrong the head and the tail are kept.
 */
export function around(rows: LadderRow[], before: number, after: number): LadderRow[] {
  const wrong = rows.findIndex(isWrong);
  if (rows.length <= before + after + 1) return rows;
  if (wrong === -1)
    return [...rows.slice(0, before), skipped(rows.length - before - after), ...tail(rows, after)];
  const from = Math.max(0, wrong - before);
  const to = Math.min(rows.length, wrong + after + 1);
  return [
    ...(from > 0 ? [skipped(from)] : []),
    ...rows.slice(from, to),
    ...(to < rows.length ? [skipped(rows.length - to)] : []),
  ];
}

export function isWrong(row: LadderRow): boolean {
  return row.kind === 'gap' || (row.kind === 'packet' && row.offending);
}

/** What the ladder says of a row in words, for people who do not see colours or arrows. */
export function rowRemark(row: LadderRow): string {
  if (row.kind === 'gap') return 'missing: never came';
  if (row.kind !== 'packet') return '';
  if (row.packet.lost === true) return 'lost on the way';
  if (row.mark === 'unexpected') return 'unexpected';
  if (row.mark === 'mismatch') return 'not as expected';
  return row.offending ? 'the offending packet' : '';
}

/** The line of an expectation without its side and quotes: `client: "[SYN] Seq=0"` -> `[SYN] Seq=0`. */
export function bareLine(expected: string): string {
  const line = expected.replace(/\s*\n\s*/g, ' ').trim();
  const rest = line.replace(/^(?:-\s*)?(?:client|server|expect|iut)\s*:?\s+(?=["'[])/, '');
  return rest.replace(/^(["'])(.*)\1$/, '$2');
}

function withMark(
  row: LadderRow,
  marks: Map<number, PacketMark>,
  failure: LadderInput['failure'],
): LadderRow {
  if (row.kind !== 'packet') return row;
  const mark = marks.get(row.packet.frame)?.mark ?? 'not-judged';
  const offending = failure?.frame === row.packet.frame;
  if (!offending || !ownExpectation(failure)) return { ...row, mark, offending };
  const expectedFrom = failure.from ?? endOf(failure.expected) ?? row.packet.from;
  return { ...row, mark, offending, expected: bareLine(failure.expected), expectedFrom };
}

/** `never`, `quiet` and counts expect no particular packet in this place. */
function ownExpectation(failure: NonNullable<LadderInput['failure']>): boolean {
  return failure.expected.includes('[') || failure.kind === 'mismatch';
}

function inTimeOrder(input: LadderInput): LadderRow[] {
  const packets: LadderRow[] = input.packets.map((packet) => ({
    kind: 'packet',
    packet,
    mark: 'not-judged',
    offending: false,
  }));
  const others: LadderRow[] = (input.otherFrames ?? []).map((frame) => ({ kind: 'frame', frame }));
  return others.length === 0 ? packets : [...packets, ...others].sort((a, b) => timeOf(a) - timeOf(b));
}

function timeOf(row: LadderRow): number {
  if (row.kind === 'packet') return row.packet.timeMs;
  return row.kind === 'frame' ? row.frame.timeMs : 0;
}

function isGap(failure: NonNullable<LadderInput['failure']>, packets: readonly PacketRow[]): boolean {
  if (failure.frame !== undefined && packets.some(({ frame }) => frame === failure.frame)) return false;
  return failure.kind === 'missing' || (failure.kind === 'timing' && failure.frame === undefined);
}

function gapIndex(rows: LadderRow[], marks: Map<number, PacketMark>, step: number): number {
  const last = rows.findLastIndex((row) => {
    const taken = row.kind === 'packet' ? marks.get(row.packet.frame)?.step : undefined;
    return taken !== undefined && taken < step;
  });
  const steps = [...marks.values()].some((mark) => mark.step !== undefined);
  return steps ? last + 1 : rows.length;
}

function gapRow(failure: NonNullable<LadderInput['failure']>): LadderRow {
  const from = failure.from ?? endOf(failure.expected);
  return { kind: 'gap', expected: bareLine(failure.expected), ...(from === undefined ? {} : { from }) };
}

function endOf(expected: string): End | undefined {
  const end = /^(?:-\s*)?(client|server)\b/.exec(expected.trim())?.[1];
  return end === 'client' || end === 'server' ? end : undefined;
}

function skipped(count: number): LadderRow {
  return { kind: 'skipped', count };
}

function tail(rows: LadderRow[], count: number): LadderRow[] {
  return count === 0 ? [] : rows.slice(-count);
}
