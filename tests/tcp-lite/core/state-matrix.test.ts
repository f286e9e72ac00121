import { readFileSync } from 'node:fs';
import { describe as group, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { RST, SYN } from '../../../tcp-lite/core/flags.js';
import { seqAdd } from '../../../tcp-lite/core/seq.js';
import type { TcpState } from '../../../tcp-lite/core/tcb.js';
import { Bench, IRS, type Say } from './bench.js';

/** What RFC 9293 section 3.10.7 has a TCP answer, state by segment; the catalogue's own table drives the test. */
interface Outcome {
  reply: string;
  next: TcpState;
  why?: string;
}
interface Cell extends Outcome {
  state: TcpState;
  segment: string;
  also?: Outcome[];
  variants?: (Outcome & { when: string; also?: Outcome[] })[];
}
const matrix = load(
  readFileSync(new URL('../../../expectations/requirements/state-matrix.yaml', import.meta.url), 'utf8'),
) as { cells: Cell[] };

/**
 * Where TCP Lite takes an outcome that the table lists under `also`, and why; everywhere else it must take the first.
 */
const CHOICES: Record<string, string> = {
  'SYN-RECEIVED syn': 'a repeated SYN means that the SYN,ACK was lost: it goes again',
  'TIME-WAIT syn_in_window': 'MAY-2: a higher sequence number opens anew',
};

const SYNCHRONIZED = [
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
];
const AFTER_FIN = ['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];

test('the matrix has a cell for every state and segment', () => {
  expect(matrix.cells).toHaveLength(11 * 16);
});

group.each(matrix.cells.map((cell) => [`${cell.state} ${cell.segment}`, cell] as const))(
  '%s',
  (name, cell) => {
    for (const origin of ['passive', 'active'] as const) {
      if (cell.state === 'SYN-SENT' && origin === 'passive') continue;
      test(`after a ${origin} open`, () => {
        const bench = new Bench({ connection: { receiveBuffer: 10_000 } }).reach(cell.state, origin);
        const expectedNext = seqAdd(IRS, bench.peerNext);
        const [flags, say] = stimulus(cell, bench);
        bench.tcp.segmentArrives(bench.segment(flags, say), bench.now);
        const segments = bench.take();
        const replies = segments.map((segment) => {
          if (segment.flags & RST) return segment.flags === RST ? 'rst_acknum' : 'rst_zero';
          if (segment.flags & SYN) return 'syn_ack';
          return segment.ack !== expectedNext ? 'ack_adv' : 'ack';
        });
        if (replies.length === 0 && bench.pass(500).some((line) => line.includes('[ACK]')))
          replies.push('ack_adv');
        const outcome = `${replies.join(' + ') || 'none'} -> ${stateAfter(bench, cell, replies)}`;
        const expected = variant(cell, origin);
        const acceptable = name in CHOICES ? [expected, ...(expected.also ?? [])] : [expected];
        expect(acceptable.map((each) => `${each.reply} -> ${each.next}`)).toContain(outcome);
      });
    }
  },
);

function variant(cell: Cell, origin: 'passive' | 'active'): Outcome & { also?: Outcome[] } {
  return cell.variants?.find((each) => origin === 'active' && each.when.startsWith('active origin')) ?? cell;
}

function stateAfter(bench: Bench, cell: Cell, replies: string[]): TcpState {
  if (cell.state === 'CLOSED') return 'CLOSED';
  if (cell.state === 'LISTEN') return bench.tcp.connectionCount === 1 ? 'SYN-RECEIVED' : 'LISTEN';
  const { connection } = bench;
  if (connection !== undefined && (connection.state !== 'CLOSED' || replies.length === 0)) {
    if (connection.state === 'CLOSED' && replies.includes('syn_ack')) return 'SYN-RECEIVED';
    return connection.state;
  }
  if (replies.includes('syn_ack')) return 'SYN-RECEIVED';
  return bench.tcp.connectionCount === 1 ? 'SYN-RECEIVED' : 'LISTEN';
}

/** The segment of a column, as the table's legend describes it, for this state. */
function stimulus(cell: Cell, bench: Bench): [string, Say] {
  const { state } = cell;
  const next = bench.peerNext;
  const synchronized = SYNCHRONIZED.includes(state);
  const has = synchronized || state === 'SYN-RECEIVED';
  const sndNxt = has || state === 'SYN-SENT' ? bench.peerAck : 1;
  const outstanding = ['SYN-RECEIVED', 'SYN-SENT', 'FIN-WAIT-1', 'CLOSING', 'LAST-ACK'].includes(state);
  const una = outstanding ? sndNxt - 1 : sndNxt;
  const good = state === 'SYN-RECEIVED' || state === 'SYN-SENT' ? sndNxt : una;
  const outside = next + 20_000;
  switch (cell.segment) {
    case 'syn':
      return ['SYN', { seq: state === 'SYN-RECEIVED' ? 0 : synchronized ? outside * -1 : 7, options: {} }];
    case 'syn_in_window':
      return ['SYN', { seq: has ? next + 5 : 7, options: {} }];
    case 'synack_ok':
      return ['SYN ACK', { seq: has ? 0 : 7, ack: has ? 1 : sndNxt }];
    case 'synack_bad':
      return ['SYN ACK', { seq: has ? 0 : 7, ack: sndNxt + 9 }];
    case 'ack_ok':
      return ['ACK', { seq: next, ack: sndNxt }];
    case 'ack_old':
      return ['ACK', { seq: next, ack: una - (synchronized ? 1 : 0) }];
    case 'ack_future':
      return ['ACK', { seq: next, ack: sndNxt + 1 }];
    case 'rst_exact':
      return ['RST', { seq: next }];
    case 'rst_inexact':
      return ['RST', { seq: next + 1 }];
    case 'rst_outside':
      return ['RST', { seq: next - 1 }];
    case 'rst_ack':
      return ['RST ACK', { seq: next, ack: good }];
    case 'fin_in_order':
      return ['FIN ACK', { seq: AFTER_FIN.includes(state) ? next - 1 : next, ack: good }];
    case 'fin_outside':
      return ['FIN ACK', { seq: outside, ack: state === 'SYN-SENT' ? sndNxt + 5 : good }];
    case 'data_in':
      return ['ACK', { seq: next, ack: good, payload: 'data' }];
    case 'data_outside':
      return ['ACK', { seq: outside, ack: state === 'SYN-SENT' ? sndNxt + 5 : good, payload: 'data' }];
    case 'data_noack':
      return ['', { seq: next, payload: 'data' }];
    default:
      throw new Error(`no stimulus for ${cell.segment}`);
  }
}
