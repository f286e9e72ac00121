import type { Verdict } from '../harness/match/verdict.js';

/** RFC 9293 section 3.3.2, in the order in which a connection lives. */
export const TCP_STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;

/** The kinds of arriving segment that the state matrix tells apart, by their name in the catalogue. */
export const SEGMENT_KINDS: Record<string, string> = {
  syn: 'SYN outside the window',
  syn_in_window: 'SYN in the window',
  synack_ok: 'SYN, ACK, acceptable',
  synack_bad: 'SYN, ACK, unacceptable',
  ack_ok: 'ACK, acceptable',
  ack_old: 'ACK, old',
  ack_future: 'ACK of what was not sent',
  rst_exact: 'RST at RCV.NXT',
  rst_inexact: 'RST in the window',
  rst_outside: 'RST outside the window',
  rst_ack: 'RST, ACK',
  fin_in_order: 'FIN in order',
  fin_outside: 'FIN outside the window',
  data_in: 'data in the window',
  data_outside: 'data outside the window',
  data_noack: 'data without ACK',
};

export interface GridResult {
  id: string;
  iut: string;
  verdict: Verdict;
  tags: readonly string[];
}

export interface StateGrid<R extends GridResult = GridResult> {
  states: string[];
  segments: { name: string; title: string }[];
  /** Results of a cell; empty where no case of the run covers it. */
  at: (state: string, segment: string) => R[];
  filled: number;
}

/** The state x segment grid of a run, or nothing where no result belongs to it. */
export function stateGrid<R extends GridResult>(results: readonly R[]): StateGrid<R> | undefined {
  const cells = new Map<string, R[]>();
  const names = new Set<string>();
  for (const result of results) {
    const cell = gridCell(result);
    if (cell === undefined) continue;
    names.add(cell.segment);
    const key = `${cell.state} ${cell.segment}`;
    const list = cells.get(key);
    if (list) list.push(result);
    else cells.set(key, [result]);
  }
  if (cells.size === 0) return undefined;
  const known = Object.keys(SEGMENT_KINDS);
  const others = [...names].filter((name) => !known.includes(name)).sort();
  return {
    states: [...TCP_STATES],
    segments: [...known, ...others].map((name) => ({
      name,
      title: SEGMENT_KINDS[name] ?? name.replace(/_/g, ' '),
    })),
    at: (state, segment) => cells.get(`${state} ${segment}`) ?? [],
    filled: cells.size,
  };
}

/**
 * The cell a result belongs to: by its tags `state:ESTABLISHED` and `segment:rst_exact`, else by a state among the tags of
 * a case of the `state-matrix` and the kind that its row begins with, `state-established[rst_exact:last]`, else by the row
 * alone, `state-matrix[ESTABLISHED, rst_exact]` with any separator.
 */
export function gridCell({
  id,
  tags,
}: Pick<GridResult, 'id' | 'tags'>): { state: string; segment: string } | undefined {
  const tagged = (name: string): string | undefined =>
    tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1);
  const [state, segment] = [tagged('state'), tagged('segment')];
  if (state !== undefined && segment !== undefined) return cellOf(state, segment);
  const row = /\[([^\]]+)\]/.exec(id)?.[1];
  if (row === undefined) return undefined;
  const ofCase = tags.includes('state-matrix') ? tags.find((tag) => isState(tag)) : undefined;
  if (ofCase !== undefined) return cellOf(ofCase, row.replace(/[:,].*$/, ''));
  const upper = row.toUpperCase();
  const named = TCP_STATES.find(
    (name) => upper.startsWith(name) && /^[^A-Z0-9]/.test(upper.slice(name.length)),
  );
  if (named === undefined) return undefined;
  const rest = row.slice(named.length).replace(/^[^A-Za-z0-9]+/, '');
  const kind = rest.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return kind in SEGMENT_KINDS || tags.includes('state-matrix') ? cellOf(named, kind) : undefined;
}

function isState(tag: string): boolean {
  return TCP_STATES.some((name) => name === tag);
}

function cellOf(state: string, segment: string): { state: string; segment: string } | undefined {
  const name = state.toUpperCase().replace(/_/g, '-');
  const known = TCP_STATES.find((candidate) => candidate === name);
  return known && { state: known, segment: segment.toLowerCase().replace(/[^a-z0-9]+/g, '_') };
}
