import { seqDiff, seqLeq, seqLt } from '../../../tcp-lite/core/seq.js';
import { FAST_RECOVERY, OPEN, type Tcb } from '../../../tcp-lite/core/tcb.js';
import { type Mutant, usual } from '../mutant.js';

const UNBOUNDED = 0x3fffffff;

/** RFC 5681, 6582 and 3042: how much may be under way, and what loss does to that. */
export const congestionMutants: Mutant[] = [
  {
    id: 'no-congestion-window',
    breaks: 'only the window of the peer bounds what is sent',
    rules: ['MUST-19', 'RFC5681-2b', 'RFC5681-3.1-IW'],
    core: () => ({ initialWindow: () => UNBOUNDED, lossWindow: () => UNBOUNDED }),
  },
  {
    id: 'initial-window-of-twelve',
    breaks: 'the initial window is twelve segments',
    rules: ['RFC5681-3.1-IW', 'RFC5681-3.1-HS'],
    core: () => ({ initialWindow: (tcb) => 12 * tcb.sndMss }),
  },
  {
    id: 'initial-window-after-lost-syn',
    breaks: 'a lost SYN does not make the initial window smaller',
    rules: ['RFC5681-3.1-LSYN'],
    core: () => ({ initialWindow: (tcb) => 4 * tcb.sndMss }),
  },
  {
    id: 'slow-start-by-two',
    breaks: 'in slow start an ACK adds two segments',
    rules: ['RFC5681-3.1-SS', 'MUST-19'],
    core: () => ({ slowStartGrowth: (tcb) => 2 * tcb.sndMss }),
  },
  {
    id: 'no-slow-start',
    breaks: 'the congestion window does not grow in slow start',
    rules: ['MUST-19'],
    inconclusive: 'what the cases measure begins with a window that has grown',
    core: () => ({ slowStartGrowth: () => 0 }),
  },
  {
    id: 'avoidance-as-slow-start',
    breaks: 'above ssthresh the window grows as in slow start',
    rules: ['RFC5681-3.1-CA', 'MUST-19'],
    core: () => ({ avoidanceGrowth: (tcb, acked) => usual.slowStartGrowth(tcb, acked) }),
  },
  {
    id: 'threshold-not-halved',
    breaks: 'loss leaves ssthresh at what was in flight',
    rules: ['RFC5681-3.1-SST', 'RFC5681-3.2-s2', 'RFC5681-4.3'],
    core: () => ({ thresholdAfterLoss: (tcb, flight) => Math.max(flight, 2 * tcb.sndMss) }),
  },
  {
    id: 'threshold-lowered-again',
    breaks: 'each expiry of the timer for one segment lowers ssthresh',
    rules: ['RFC5681-3.1-SST2'],
    core: () => ({
      lossWindow(tcb) {
        if (tcb.expiries > 1) tcb.ssthresh = 2 * tcb.sndMss;
        return usual.lossWindow(tcb);
      },
    }),
  },
  {
    id: 'timeout-leaves-the-window',
    breaks: 'a timeout leaves half of the congestion window',
    rules: ['RFC5681-3.1-LW', 'MUST-19'],
    core: () => ({ lossWindow: (tcb) => Math.max(2 * tcb.sndMss, tcb.cwnd / 2) }),
  },
  {
    id: 'timeout-window-of-three',
    breaks: 'after a timeout three segments are sent',
    rules: ['RFC5681-3.1-LW'],
    core: () => ({ lossWindow: (tcb) => 3 * tcb.sndMss }),
  },
  {
    id: 'fast-retransmit-at-two',
    breaks: 'two duplicate ACKs mean loss',
    rules: ['RFC5681-3.2-FR'],
    core: () => ({ duplicateThreshold: () => 2 }),
  },
  {
    id: 'fast-retransmit-at-five',
    breaks: 'five duplicate ACKs mean loss',
    rules: ['RFC5681-3.2-FR'],
    core: () => ({ duplicateThreshold: () => 5 }),
  },
  {
    id: 'any-repeated-ack-is-duplicate',
    breaks: 'every ACK with the same number counts as a duplicate, with text or another window too',
    rules: ['RFC5681-2'],
    core: () => ({ isDuplicateAck: () => true }),
  },
  {
    id: 'no-inflation',
    breaks: 'further duplicates do not inflate the window in fast recovery',
    rules: ['RFC5681-3.2-s4'],
    core: () => ({ inflation: () => 0 }),
  },
  {
    id: 'inflation-by-two',
    breaks: 'each further duplicate inflates the window by two segments',
    rules: ['RFC5681-3.2-s4'],
    core: () => ({ inflation: (tcb) => 2 * tcb.sndMss }),
  },
  {
    id: 'recovery-not-deflated',
    breaks: 'the window stays inflated when fast recovery ends',
    rules: ['RFC5681-3.2-s6', 'RFC6582-3full'],
    core: () => {
      const inflated = new WeakMap<Tcb, number>();
      return {
        beforeArrival(segment, tcb) {
          if (tcb?.recovery === FAST_RECOVERY && seqLeq(tcb.recover, segment.ack))
            inflated.set(tcb, tcb.cwnd);
          return true;
        },
        maySend(tcb, length, queued, usable, mss, last, urgent) {
          const window = inflated.get(tcb);
          if (window !== undefined && tcb.recovery === OPEN) {
            tcb.cwnd = Math.max(tcb.cwnd, window);
            inflated.delete(tcb);
          }
          return usual.maySend(tcb, length, queued, usable, mss, last, urgent);
        },
      };
    },
  },
  {
    id: 'partial-ack-not-answered',
    breaks: 'a partial ACK does not send the next hole again',
    rules: ['RFC6582-3part'],
    core: () => {
      const firstHoles = new WeakMap<Tcb, { recover: number; seq: number }>();
      return {
        beforeTransmit({ payload, seq }, tcb) {
          if (tcb?.recovery !== FAST_RECOVERY || payload.length === 0 || seq !== tcb.sndUna) return true;
          const first = firstHoles.get(tcb);
          if (first?.recover === tcb.recover) return seq === first.seq;
          firstHoles.set(tcb, { recover: tcb.recover, seq });
          return true;
        },
      };
    },
  },
  {
    id: 'second-fast-retransmit',
    breaks: 'duplicates below the recovery mark start another fast retransmit',
    rules: ['RFC6582-2', 'RFC6582-4'],
    core: () => ({
      beforeArrival(segment, tcb) {
        if (tcb !== undefined && tcb.recovery === OPEN && segment.ack === tcb.sndUna) tcb.recover = tcb.iss;
        return true;
      },
    }),
  },
  {
    id: 'idle-window-kept',
    breaks: 'the congestion window stays after idling',
    rules: ['RFC5681-4.1'],
    core: () => ({ windowAfterIdle: (tcb) => tcb.cwnd }),
  },
  {
    id: 'no-limited-transmit',
    breaks: 'the first duplicates send nothing new',
    rules: ['RFC3042-2a'],
    core: () => ({ limitedTransmit: () => 0 }),
  },
  {
    id: 'limited-transmit-unlimited',
    breaks: 'the first duplicate sends three new segments',
    rules: ['RFC3042-2b', 'RFC3042-2a'],
    core: () => ({ limitedTransmit: (tcb) => (tcb.dupAcks > 0 ? 3 * tcb.sndMss : 0) }),
  },
  {
    id: 'limited-transmit-grows-the-window',
    breaks: 'limited transmit makes the congestion window larger',
    rules: ['RFC3042-2b'],
    core: () => ({
      limitedTransmit(tcb) {
        const extra = usual.limitedTransmit(tcb);
        const before = grown.get(tcb) ?? 0;
        if (extra > before) {
          tcb.cwnd += extra - before;
          grown.set(tcb, extra);
        }
        return extra;
      },
    }),
  },
  {
    id: 'limited-transmit-without-news',
    breaks: 'with SACK, duplicates without new blocks send new segments',
    rules: ['RFC3042-2c', 'RFC2018-5.1'],
    core: () => ({
      beforeArrival({ ack, payload, flags }, tcb) {
        if (
          tcb?.sack === true &&
          ack === tcb.sndUna &&
          payload.length === 0 &&
          flags === 0x10 &&
          seqLt(ack, tcb.sndNxt)
        )
          tcb.cwnd += tcb.sndMss;
        return true;
      },
    }),
  },
  {
    id: 'second-loss-unpunished',
    breaks: 'a loss after a loss does not lower the window again',
    rules: ['RFC5681-4.3'],
    core: () => {
      const lowered = new WeakMap<Tcb, number>();
      return {
        thresholdAfterLoss(tcb, flight) {
          const first = lowered.get(tcb) ?? usual.thresholdAfterLoss(tcb, flight);
          lowered.set(tcb, first);
          return Math.max(first, seqDiff(tcb.sndNxt, tcb.sndUna));
        },
      };
    },
  },
];

const grown = new WeakMap<Tcb, number>();
