import { FIN } from '../../../tcp-lite/core/flags.js';
import { seqDiff, seqLt } from '../../../tcp-lite/core/seq.js';
import { giveUp, mute } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 section 3.8.6: what the sender makes of the window. */
export const sendWindowMutants: Mutant[] = [
  {
    id: 'shrunk-window-resets',
    breaks: 'a window that shrinks ends the connection',
    rules: ['MUST-34'],
    core: () => ({
      windowFrom(tcb, field) {
        const window = usual.windowFrom(tcb, field);
        if (window < tcb.sndWnd && window < seqDiff(tcb.sndNxt, tcb.sndUna)) giveUp(tcb);
        return window;
      },
    }),
  },
  {
    id: 'shrunk-window-ignored',
    breaks: 'new text is sent into a window that has shrunk',
    rules: ['SHLD-15', 'RFC7323-2.4b', 'RFC5681-2b'],
    core: () => ({ windowFrom: (tcb, field) => Math.max(tcb.sndMaxWnd, usual.windowFrom(tcb, field)) }),
  },
  {
    id: 'shrunk-window-not-probed',
    breaks: 'a window that shrinks to zero is not probed',
    rules: ['MUST-35', 'MUST-36'],
    core: mute(
      ({ payload, flags }, tcb) =>
        tcb?.sndWnd === 0 && (payload.length > 0 || flags & FIN) && tcb.state !== 'SYN-SENT',
    ),
  },
  {
    id: 'shrunk-window-stops-retransmission',
    breaks: 'text inside a window that has shrunk is not sent again',
    rules: ['SHLD-16'],
    core: mute(
      ({ payload, seq }, tcb) =>
        tcb !== undefined &&
        payload.length > 0 &&
        seqLt(seq, tcb.sndMax) &&
        tcb.expiries > 0 &&
        tcb.sndWnd < seqDiff(tcb.sndMax, tcb.sndUna),
    ),
  },
  {
    id: 'shrunk-window-times-out',
    breaks:
      'text beyond the edge of a window that has shrunk is given up after a while, probes answered or not',
    rules: ['SHLD-17'],
    core: () => {
      let since: number | undefined;
      return {
        beforeArrival(_segment, tcb, now) {
          if (tcb !== undefined && tcb.sndWnd < seqDiff(tcb.sndMax, tcb.sndUna)) since ??= now;
          if (tcb !== undefined && since !== undefined && now - since > tcb.settings.userTimeoutMs)
            giveUp(tcb);
          return true;
        },
      };
    },
  },
  {
    id: 'zero-window-not-probed',
    breaks: 'a window that is zero is not probed',
    rules: ['MUST-36'],
    core: () => ({ persistMs: () => 1e9 }),
  },
  {
    id: 'zero-window-probed-once',
    breaks: 'a window that is zero is probed once only',
    rules: ['MUST-36', 'SHLD-30'],
    core: () => ({ persistMs: (tcb) => (tcb.persistBackoff > 0 ? 1e9 : usual.persistMs(tcb)) }),
  },
  {
    id: 'zero-window-gives-up',
    breaks: 'a window that stays zero ends the connection after three probes, answered or not',
    rules: ['MUST-37'],
    core: () => ({
      persistMs(tcb) {
        if (tcb.persistBackoff > 3) giveUp(tcb);
        return usual.persistMs(tcb);
      },
    }),
  },
  {
    id: 'zero-window-times-out',
    breaks: 'answers to probes do not keep the user timeout from ending the connection',
    rules: ['MUST-37'],
    core: () => {
      let since: number | undefined;
      return {
        beforeArrival(_segment, tcb, now) {
          if (tcb === undefined || tcb.persistAt === Infinity) since = undefined;
          else since ??= now;
          if (tcb !== undefined && since !== undefined && now - since > tcb.settings.userTimeoutMs)
            giveUp(tcb);
          return true;
        },
      };
    },
  },
  {
    id: 'zero-window-probed-at-once',
    breaks: 'the first probe of a zero window comes after 10 ms',
    rules: ['SHLD-29'],
    core: () => ({ persistMs: (tcb) => (tcb.persistBackoff === 0 ? 10 : usual.persistMs(tcb)) }),
  },
  {
    id: 'zero-window-probed-at-a-fixed-pace',
    breaks: 'probes of a zero window come at the same interval for ever',
    rules: ['SHLD-30'],
    core: () => ({ persistMs: (tcb) => tcb.rto }),
  },
  {
    id: 'silly-segments',
    breaks: 'whatever the window lets through is sent at once, however small',
    rules: ['MUST-38'],
    core: () => ({ maySend: () => true }),
  },
  {
    id: 'silly-segments-after-a-moment',
    breaks: 'a small window is filled after 20 ms',
    rules: ['MUST-38'],
    core: () => ({ overrideMs: () => 20 }),
  },
  {
    id: 'small-window-never-used',
    breaks: 'a window smaller than a segment is never used',
    rules: ['MUST-38'],
    core: () => ({ overrideMs: () => 1e9 }),
  },
  {
    id: 'window-overrun-by-one',
    breaks: 'one octet more is sent than the window has room for',
    rules: ['RFC5681-2b', 'RFC7323-2.4b'],
    core: () => ({ windowFrom: (tcb, field) => usual.windowFrom(tcb, field) + (field > 0 ? 1 : 0) }),
  },
];
