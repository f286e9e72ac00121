import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { terminate } from '../../tcp-lite/core/ending.js';
import { ACK, RST } from '../../tcp-lite/core/flags.js';
import { sendAck, sendReset } from '../../tcp-lite/core/segment-out.js';
import type { Tcb } from '../../tcp-lite/core/tcb.js';
import type { Segment } from '../../tcp-lite/wire/segment.js';
import type { TestCase } from '../case/model.js';
import { rulesNamed, type Requirement } from '../coverage/catalogue.js';
import { PROJECT_ROOT } from '../run/implementation.js';
import type { Mutant } from './mutant.js';
import { isOfKind } from './segment-kinds.js';

const outcome = z.object({ reply: z.string(), next: z.string() });
const matrixSchema = z.object({
  cells: z.array(
    z.object({
      state: z.string(),
      segment: z.string(),
      ...outcome.shape,
      also: z.array(outcome).default([]),
    }),
  ),
});

type Cell = z.output<typeof matrixSchema>['cells'][number];
type Reaction = (segment: Segment, tcb: Tcb | undefined, now: number) => boolean;

/** Cells in which to ignore the segment changes nothing: what the peer sends next opens the connection as well. */
const EQUIVALENT = new Set(['SYN-RECEIVED synack_ok']);
/** Why no verdict can be had on an opening that does not open. */
const UNESTABLISHED = 'the connection that the application waits for is not there';
const FILE = path.join(PROJECT_ROOT, 'expectations', 'requirements', 'state-matrix.yaml');

/**
 * Mutants from the state matrix of the catalogue, for the cells that `cases` play: one that ignores the segment where it
 * should react, one that answers where it should be silent, and one whose connection is gone afterwards. Each must be
 * noticed by the cases of its own cell.
 */
export async function matrixMutants(
  cases: readonly TestCase[],
  catalogue: Requirement[],
  file = FILE,
): Promise<Mutant[]> {
  const { cells } = matrixSchema.parse(load(await readFile(file, 'utf8'), { filename: file }));
  return cells.flatMap((cell) => {
    const own = cases.filter((testCase) => belongsTo(testCase, cell));
    if (own.length === 0) return [];
    const covers = new Set(own.flatMap((testCase) => testCase.covers));
    const rules = new Set([...covers].flatMap((entry) => rulesNamed(entry, catalogue).map(({ id }) => id)));
    const base = { rules: [...rules], cases: own.map(({ id }) => id) };
    return reactionsTo(cell).map(({ name, what, react }): Mutant => ({
      ...base,
      id: `${cell.state.toLowerCase()}-${cell.segment.replaceAll('_', '-')}-${name}`,
      breaks: `in ${cell.state}, ${what} ${cell.segment}`,
      ...(cell.next === 'ESTABLISHED' ? { inconclusive: UNESTABLISHED } : {}),
      core: () => ({
        beforeArrival: (segment, tcb, now) => !isHere(segment, tcb, cell) || react(segment, tcb, now),
      }),
    }));
  });
}

/** Is this a row about that cell? Rows are named KIND or KIND:EDGE. */
function belongsTo({ tags, row }: TestCase, { state, segment }: Cell): boolean {
  return tags.includes('state-matrix') && tags.includes(state) && row?.name.replace(/:.*$/, '') === segment;
}

function isHere(segment: Segment, tcb: Tcb | undefined, cell: Cell): boolean {
  const bare = cell.state === 'CLOSED' || cell.state === 'LISTEN';
  return (bare ? tcb === undefined : tcb?.state === cell.state) && isOfKind(segment, cell.segment, tcb);
}

interface NamedReaction {
  name: string;
  what: string;
  react: Reaction;
}

/** What can go wrong in a cell; what the matrix admits there is left out. */
function reactionsTo(cell: Cell): NamedReaction[] {
  const admitted = [{ reply: cell.reply, next: cell.next }, ...cell.also];
  const admits = (reply: string, next: string) =>
    admitted.some((each) => each.reply === reply && each.next === next);
  const reactions: NamedReaction[] = [];
  if (!admits('none', cell.state) && !EQUIVALENT.has(`${cell.state} ${cell.segment}`))
    reactions.push({ name: 'ignored', what: 'it ignores', react: () => false });
  if (admitted.every(({ reply }) => reply === 'none')) {
    reactions.push({ name: 'answered', what: 'it answers', react: answer });
  } else if (cell.reply === 'none') {
    reactions.push({ name: 'reset', what: 'it answers with a reset', react: answerWithReset });
  }
  const lives = ![...admitted.map(({ next }) => next)].some((next) => next === 'CLOSED' || next === 'LISTEN');
  if (lives && cell.state !== 'CLOSED' && cell.state !== 'LISTEN')
    reactions.push({ name: 'lost', what: 'the connection is gone after', react: forget });
  return reactions;
}

/** An ACK; where there is no connection, the reset that a segment with ACK would get. */
function answer(segment: Segment, tcb: Tcb | undefined, now: number): boolean {
  if (tcb !== undefined) {
    sendAck(tcb, now);
    return true;
  }
  segment.flags = (segment.flags & ~RST) | ACK;
  return true;
}

function answerWithReset(_segment: Segment, tcb: Tcb | undefined, now: number): boolean {
  if (tcb !== undefined) sendReset(tcb, now);
  return true;
}

/** The segment is processed as it should be, and then the record is deleted without a word. */
function forget(_segment: Segment, tcb: Tcb | undefined): boolean {
  if (tcb !== undefined) queueMicrotask(() => terminate(tcb));
  return true;
}
