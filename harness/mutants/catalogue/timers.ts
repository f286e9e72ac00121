import { seqLt } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import { mistakes, mute } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 6298 and RFC 9293 section 3.8.3: the retransmission timer, and giving up. */
export const timerMutants: Mutant[] = [
  {
    id: 'rto-initially-300-ms',
    breaks: 'the timer starts at 300 ms while nothing was measured',
    rules: ['RFC6298-2.1', 'MUST-18'],
    core: () => ({ initialRto: () => 300 }),
  },
  {
    id: 'rto-initially-5-s',
    breaks: 'the timer starts at 5 s while nothing was measured',
    rules: ['RFC6298-2.1'],
    core: () => ({ initialRto: () => 5000 }),
  },
  {
    id: 'rto-first-sample-without-variance',
    breaks: 'the first sample gives an RTO without variance',
    rules: ['RFC6298-2.2', 'MUST-18'],
    core: () => ({
      firstRtt(tcb, rtt) {
        tcb.srtt = rtt;
        tcb.rttvar = 0;
      },
    }),
  },
  {
    id: 'rto-first-sample-with-full-variance',
    breaks: 'the variance of the first sample is the sample',
    rules: ['RFC6298-2.2'],
    core: () => ({
      firstRtt(tcb, rtt) {
        tcb.srtt = rtt;
        tcb.rttvar = rtt;
      },
    }),
  },
  {
    id: 'rto-ignores-later-samples',
    breaks: 'only the first sample counts',
    rules: ['RFC6298-2.3', 'RFC6298-3b', 'MUST-18'],
    core: () => ({ nextRtt: () => undefined }),
  },
  {
    id: 'rto-not-smoothed',
    breaks: 'each sample takes the place of the estimate',
    rules: ['RFC6298-2.3'],
    core: () => ({ nextRtt: (tcb, rtt) => usual.firstRtt(tcb, rtt) }),
  },
  {
    id: 'rto-variance-of-the-first-sample',
    breaks: 'later samples change the mean only',
    rules: ['RFC6298-2.3'],
    core: () => ({
      nextRtt(tcb, rtt) {
        tcb.srtt = 0.875 * tcb.srtt + 0.125 * rtt;
      },
    }),
  },
  {
    id: 'rto-without-least',
    breaks: 'the RTO may be as short as the path',
    rules: ['RFC6298-2.4', 'RFC6298-5'],
    core: () => ({ rtoFromEstimate: (tcb) => Math.max(50, tcb.srtt + 4 * tcb.rttvar) }),
  },
  {
    id: 'rto-is-the-mean',
    breaks: 'the RTO is the mean round-trip time, without the variance',
    rules: ['RFC6298-4', 'RFC6298-5', 'MUST-18'],
    core: () => ({ rtoFromEstimate: (tcb) => Math.max(1000, tcb.srtt - 20) }),
  },
  {
    id: 'rto-not-doubled',
    breaks: 'the RTO stays as it is when the timer expires',
    rules: ['RFC6298-5.5', 'MUST-18', 'MUST-19'],
    core: () => ({ backedOff: (tcb) => tcb.rto }),
  },
  {
    id: 'rto-grows-by-half',
    breaks: 'the RTO grows by half when the timer expires',
    rules: ['RFC6298-5.5', 'MUST-18'],
    core: () => ({ backedOff: (tcb) => tcb.rto * 1.5 }),
  },
  {
    id: 'rto-capped-at-2-s',
    breaks: 'the RTO never exceeds 2 s',
    rules: ['RFC6298-5.5'],
    core: () => ({ backedOff: (tcb) => Math.min(2000, tcb.rto * 2) }),
  },
  {
    id: 'rto-not-3-s-after-lost-syn',
    breaks: 'after a SYN had to be repeated, text starts with an RTO of 1 s',
    rules: ['RFC6298-5.7'],
    core: () => ({ rtoAfterSynTimeout: () => 1000 }),
  },
  {
    id: 'karn-ignored',
    breaks: 'segments that were sent again are timed',
    rules: ['RFC6298-3a', 'MUST-18'],
    core: () => ({ timesRetransmissions: () => true }),
  },
  {
    id: 'backoff-forgotten',
    breaks: 'the backoff ends with the first ACK, whatever it is of',
    rules: ['RFC6298-5n', 'RFC6298-3a'],
    core: () => ({
      backedOff(tcb) {
        backedOff.add(tcb);
        return usual.backedOff(tcb);
      },
      beforeArrival(segment, tcb) {
        if (tcb !== undefined && backedOff.has(tcb) && tcb.srtt >= 0 && seqLt(tcb.sndUna, segment.ack)) {
          backedOff.delete(tcb);
          tcb.rto = usual.rtoFromEstimate(tcb);
        }
        return true;
      },
    }),
  },
  {
    id: 'backoff-for-ever',
    breaks: 'the backoff stays for ever',
    rules: ['RFC6298-5n'],
    core: () => ({
      rtoFromEstimate: (tcb) => Math.max(longest.get(tcb) ?? 0, usual.rtoFromEstimate(tcb)),
      backedOff(tcb) {
        const rto = usual.backedOff(tcb);
        longest.set(tcb, rto);
        return rto;
      },
    }),
  },
  {
    id: 'timer-restarted-by-sending',
    breaks: 'every segment that is sent restarts the timer',
    rules: ['RFC6298-5.1'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb !== undefined && segment.payload.length > 0 && tcb.retransmitAt !== Infinity) {
          const now = tcb.lastSentAt;
          tcb.retransmitAt = Math.max(tcb.retransmitAt, now + tcb.rto);
        }
        return true;
      },
    }),
  },
  {
    id: 'timer-not-stopped',
    breaks: 'the last segment is sent again though it was acknowledged',
    rules: ['RFC6298-5.2'],
    core: () => {
      let last: Parameters<typeof usual.beforeTransmit>[0] | undefined;
      let due = Infinity;
      return {
        beforeTransmit(segment) {
          if (segment.payload.length > 0) last = { ...segment, payload: segment.payload.slice() };
          return true;
        },
        beforeArrival(segment, tcb, now) {
          if (tcb !== undefined && last !== undefined && segment.ack === tcb.sndMax && due === Infinity) {
            const again = last;
            due = now;
            setTimeout(() => tcb.stack.transmit(again), 900);
          }
          return true;
        },
      };
    },
  },
  {
    id: 'timer-not-restarted-by-ack',
    breaks: 'an ACK of new data does not restart the timer',
    rules: ['RFC6298-5.3'],
    core: mistakes((segment, tcb) => {
      if (tcb === undefined || tcb.retransmitAt === Infinity || !seqLt(tcb.sndUna, segment.ack)) return;
      const deadline = tcb.retransmitAt;
      queueMicrotask(() => {
        if (tcb.retransmitAt === Infinity) return;
        tcb.retransmitAt = deadline;
        tcb.stack.wake(tcb, deadline);
      });
    }),
  },
  {
    id: 'timer-resends-the-newest',
    breaks: 'when the timer expires the newest segment is sent again',
    rules: ['RFC6298-5.4', 'MUST-18'],
    core: () => {
      let newest: Parameters<typeof usual.beforeTransmit>[0] | undefined;
      return {
        beforeTransmit(segment, tcb) {
          if (tcb === undefined || segment.payload.length === 0) return true;
          if (tcb.expiries > 0 && newest !== undefined && segment.seq === tcb.sndUna) {
            tcb.stack.transmit(newest);
            return newest.seq === segment.seq;
          }
          newest = { ...segment, payload: segment.payload.slice() };
          return true;
        },
      };
    },
  },
  {
    id: 'never-retransmits',
    breaks: 'text is sent once only',
    rules: ['RFC6298-5.4', 'MUST-18', 'MUST-20'],
    core: mute(({ payload }, tcb) => payload.length > 0 && tcb !== undefined && tcb.expiries > 0),
  },
  {
    id: 'retransmission-garbled',
    breaks: 'what is sent again has another content',
    rules: ['R9293-L9'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb !== undefined && tcb.expiries > 0) segment.payload = new Uint8Array(segment.payload.length);
        return true;
      },
    }),
  },
  {
    id: 'never-gives-up',
    breaks: 'what is not acknowledged is sent again for ever',
    rules: ['MUST-20', 'MUST-21', 'MUST-22'],
    core: () => ({ r2Ms: () => 1e9 }),
  },
  {
    id: 'user-timeout-ignored',
    breaks: 'the user timeout of the application is ignored',
    rules: ['MUST-21'],
    core: () => ({ r2Ms: (tcb) => (tcb.sndUna === tcb.iss ? usual.r2Ms(tcb) : 300_000) }),
  },
  {
    id: 'gives-up-after-three-seconds',
    breaks: 'what is not acknowledged for 3 s ends the connection, whatever the application has set',
    rules: ['MUST-21', 'SHLD-11'],
    inconclusive: 'the connection is gone when the application is to send',
    core: () => ({ r2Ms: (tcb) => Math.min(3000, usual.r2Ms(tcb)) }),
  },
  {
    id: 'gives-up-syn-after-a-minute',
    breaks: 'an attempt to connect is given up after a minute',
    rules: ['MUST-23'],
    core: () => ({ r2Ms: (tcb) => Math.min(60_000, usual.r2Ms(tcb)) }),
  },
];

const backedOff = new WeakSet<Tcb>();
const longest = new WeakMap<Tcb, number>();
