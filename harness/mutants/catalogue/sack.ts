import { RST, SYN } from '../../../tcp-lite/core/flags.js';
import { seqAdd, seqDiff, seqLt } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { mistakes, sends, withOptions } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 2018 and RFC 2883: selective acknowledgment, sent and obeyed. */
export const sackMutants: Mutant[] = [
  {
    id: 'sack-permitted-on-text',
    breaks: 'the SACK-permitted option is sent on every segment',
    rules: ['RFC2018-2'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && (segment.flags & (SYN | RST)) === 0 && tcb.sack)
        withOptions(segment, (options) => (options.sackPermitted = true));
    }),
  },
  {
    id: 'sack-one-block',
    breaks: 'only one SACK block is sent',
    rules: ['RFC2018-4d', 'RFC2018-3'],
    core: () => ({ sackBlockLimit: () => 1 }),
  },
  {
    id: 'sack-unasked',
    breaks: 'SACK blocks are sent to a peer that did not permit them',
    rules: ['RFC2018-4a'],
    core: sends((segment, tcb) => {
      const { lefts, rights } = tcb?.reassembly ?? { lefts: [], rights: [] };
      if (tcb?.sack === false && lefts.length > 0)
        withOptions(segment, (options) => (options.sack = [lefts[0]!, rights[0]!]));
    }),
  },
  {
    id: 'sack-never-sent',
    breaks: 'no SACK blocks are sent',
    rules: ['RFC2018-4b', 'RFC2018-4c'],
    core: sends((segment) => dropBlocks(segment)),
  },
  {
    id: 'sack-once-a-hole',
    breaks: 'SACK blocks are sent with the first ACK of a hole only',
    rules: ['RFC2018-4b', 'RFC2018-4d'],
    core: () => {
      let holes = 0;
      return {
        beforeTransmit(segment, tcb) {
          const now = tcb?.reassembly.lefts.length ?? 0;
          if (now <= holes) dropBlocks(segment);
          holes = now;
          return true;
        },
      };
    },
  },
  {
    id: 'sack-oldest-first',
    breaks: 'SACK blocks are sent in the order of the sequence, not newest first',
    rules: ['RFC2018-4c'],
    core: sends((segment) => reorder(segment, (a, b) => seqDiff(a[0], b[0]))),
  },
  {
    id: 'sack-highest-first',
    breaks: 'SACK blocks are sent with the highest first, not the newest',
    rules: ['RFC2018-4c'],
    core: sends((segment) => reorder(segment, (a, b) => seqDiff(b[0], a[0]))),
  },
  {
    id: 'sack-blocks-too-long',
    breaks: 'SACK blocks reach one octet beyond what is held',
    rules: ['RFC2018-4e'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && segment.options.sack !== undefined)
        withOptions(
          segment,
          (options) => (options.sack = options.sack!.map((edge, i) => (i % 2 ? seqAdd(edge, 1) : edge))),
        );
    }),
  },
  {
    id: 'sack-blocks-too-short',
    breaks: 'SACK blocks begin one octet late',
    rules: ['RFC2018-4e'],
    core: sends((segment) => {
      if (segment.options.sack !== undefined)
        withOptions(
          segment,
          (options) => (options.sack = options.sack!.map((edge, i) => (i % 2 ? edge : seqAdd(edge, 1)))),
        );
    }),
  },
  {
    id: 'sack-obeyed-not',
    breaks: 'what the peer has SACKed is sent again with the rest',
    rules: ['RFC2018-5a'],
    core: () => ({
      duplicateThreshold: () => 3,
      beforeArrival(segment, tcb) {
        if (tcb?.sack === true && segment.options.sack !== undefined) {
          tcb.sack = false;
          ignoring.add(tcb);
        }
        return true;
      },
    }),
  },
  {
    id: 'sack-trusted-after-timeout',
    breaks: 'after a timeout what was SACKed is not sent again',
    rules: ['RFC2018-5b', 'RFC2018-5c'],
    core: () => ({
      beforeArrival: noteSacked,
      beforeTransmit(segment, tcb) {
        if (segment.payload.length === 0 || tcb?.expiries === 0) return true;
        return !wasSacked(segment, tcb);
      },
    }),
  },
  {
    id: 'sacked-text-thrown-away',
    breaks: 'text that was SACKed is no longer there to be sent again',
    rules: ['RFC2018-8', 'RFC2018-5c'],
    core: () => ({
      beforeArrival: noteSacked,
      beforeTransmit: (segment, tcb) => !wasSacked(segment, tcb),
    }),
  },
  {
    id: 'sack-recovery-unbounded',
    breaks: 'with SACK loss does not make the window smaller',
    rules: ['RFC2018-5.1'],
    core: () => ({
      thresholdAfterLoss: (tcb, flight) => (tcb.sack ? 2 * flight : usual.thresholdAfterLoss(tcb, flight)),
    }),
  },
  {
    id: 'duplicates-not-reported',
    breaks: 'duplicates are not reported',
    rules: ['RFC2883-4-1', 'RFC2883-4-3', 'RFC2883-4-4'],
    core: () => ({ reportsDuplicates: () => false }),
  },
  {
    id: 'duplicate-reported-for-ever',
    breaks: 'a duplicate is reported again with every ACK',
    rules: ['RFC2883-4-2'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb === undefined || !tcb.sack) return true;
        const { sack } = segment.options;
        if (sack !== undefined && seqLt(sack[0]!, segment.ack)) reported.set(tcb, sack.slice(0, 2));
        const again = reported.get(tcb);
        if (sack === undefined && again !== undefined)
          withOptions(segment, (options) => (options.sack = again));
        return true;
      },
    }),
  },
  {
    id: 'duplicate-reported-too-far',
    breaks: 'of a segment that is partly a duplicate all of it is reported',
    rules: ['RFC2883-4-3'],
    core: () => {
      let end = 0;
      return {
        beforeArrival(segment) {
          end = seqAdd(segment.seq, segment.payload.length);
          return true;
        },
        beforeTransmit(segment) {
          const { sack } = segment.options;
          if (sack !== undefined && seqLt(sack[0]!, segment.ack) && seqLt(sack[1]!, end))
            withOptions(segment, (options) => (options.sack = [sack[0]!, end, ...sack.slice(2)]));
          return true;
        },
      };
    },
  },
  {
    id: 'duplicate-without-its-block',
    breaks: 'the report of a duplicate above the ACK is not followed by the block around it',
    rules: ['RFC2883-4-4'],
    core: sends((segment) => {
      const { sack } = segment.options;
      if (sack !== undefined && sack.length >= 4 && !seqLt(sack[0]!, segment.ack))
        withOptions(segment, (options) => (options.sack = sack.slice(0, 2)));
    }),
  },
  {
    id: 'duplicate-last',
    breaks: 'the report of a duplicate comes behind the other blocks',
    rules: ['RFC2883-4-1', 'RFC2883-4-4'],
    core: sends((segment) => {
      const { sack } = segment.options;
      if (sack !== undefined && sack.length >= 4)
        withOptions(segment, (options) => (options.sack = [...sack.slice(2), ...sack.slice(0, 2)]));
    }),
  },
  {
    id: 'sack-permission-ignored',
    breaks: 'the peer is taken for one that permits no SACK',
    rules: ['RFC2018-4b'],
    core: mistakes((segment) => {
      if (segment.flags & SYN) withOptions(segment, (options) => delete options.sackPermitted);
    }),
  },
];

const sacked = new WeakMap<Tcb, number[]>();

function noteSacked({ options: { sack } }: Segment, tcb: Tcb | undefined): boolean {
  if (tcb !== undefined && sack !== undefined) sacked.set(tcb, [...(sacked.get(tcb) ?? []), ...sack]);
  return true;
}

function wasSacked({ seq }: Segment, tcb: Tcb | undefined): boolean {
  const edges = tcb === undefined ? [] : (sacked.get(tcb) ?? []);
  return edges.some((left, i) => i % 2 === 0 && !seqLt(seq, left) && seqLt(seq, edges[i + 1] ?? left));
}
const reported = new WeakMap<Tcb, number[]>();
const ignoring = new WeakSet<Tcb>();

type Blocks = Parameters<typeof usual.beforeTransmit>[0];

function dropBlocks(segment: Blocks): void {
  if (segment.options.sack !== undefined) withOptions(segment, (options) => delete options.sack);
}

function reorder(segment: Blocks, order: (a: [number, number], b: [number, number]) => number): void {
  const { sack } = segment.options;
  if (sack === undefined || sack.length < 4) return;
  const blocks: [number, number][] = [];
  for (let i = 0; i + 1 < sack.length; i += 2) blocks.push([sack[i]!, sack[i + 1]!]);
  withOptions(segment, (options) => (options.sack = blocks.sort(order).flat()));
}
