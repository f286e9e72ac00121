import { terminate } from '../../../tcp-lite/core/ending.js';
import { FIN, PSH, SYN, URG } from '../../../tcp-lite/core/flags.js';
import { seqAdd, seqDiff, seqLt } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import { mute, sends } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 sections 3.7.4, 3.8.4 to 3.8.6 and 3.9.1.2: what the sender sends, and when. */
export const sendingMutants: Mutant[] = [
  {
    id: 'no-nagle',
    breaks: 'small segments are sent though others are not acknowledged',
    rules: ['SHLD-7'],
    core: () => ({ maySend: () => true }),
  },
  {
    id: 'nagle-not-switched-off',
    breaks: 'the option that switches Nagle off has no effect',
    rules: ['MUST-17'],
    core: () => ({
      maySend: (tcb, length, queued, usable, mss, last, urgent) =>
        usual.maySend(withoutNoDelay(tcb), length, queued, usable, mss, last, urgent),
    }),
  },
  {
    id: 'nagle-off-only-at-the-start',
    breaks: 'Nagle cannot be switched off on a living connection',
    rules: ['MUST-17'],
    core: () => {
      const first = new WeakMap<Tcb, boolean>();
      return {
        maySend(tcb, length, queued, usable, mss, last, urgent) {
          const off = first.get(tcb) ?? tcb.settings.noDelay;
          first.set(tcb, off);
          return usual.maySend(off ? tcb : withoutNoDelay(tcb), length, queued, usable, mss, last, urgent);
        },
      };
    },
  },
  {
    id: 'nagle-holds-full-segments',
    breaks: 'with data outstanding not even a full segment is sent',
    rules: ['SHLD-7'],
    core: () => ({
      maySend: (tcb, length, queued, usable, mss, last, urgent) =>
        (tcb.settings.noDelay || tcb.sndUna === tcb.sndNxt) &&
        usual.maySend(tcb, length, queued, usable, mss, last, urgent),
    }),
  },
  {
    id: 'small-writes-held',
    breaks: 'what does not fill a segment waits for ever',
    rules: ['MUST-60'],
    core: () => ({ maySend: (_tcb, length, _queued, _usable, mss) => length >= mss, overrideMs: () => 1e9 }),
  },
  {
    id: 'no-push',
    breaks: 'PSH is never set',
    rules: ['MUST-61'],
    core: () => ({ pushFlag: () => 0 }),
  },
  {
    id: 'push-missing-behind-full-segments',
    breaks: 'PSH is set on segments that are all of what was written, and on no others',
    rules: ['MUST-61'],
    core: () => {
      let open = false;
      return {
        beforeTransmit(segment) {
          if (segment.payload.length === 0) return true;
          const rest = open;
          open = (segment.flags & PSH) === 0;
          if (rest) segment.flags &= ~PSH;
          return true;
        },
      };
    },
  },
  {
    id: 'segments-half-full',
    breaks: 'segments are half as large as they could be',
    rules: ['SHLD-28', 'SHLD-27'],
    core: () => ({ effectiveMss: (tcb) => Math.floor(usual.effectiveMss(tcb) / 2) }),
  },
  {
    id: 'segments-one-short',
    breaks: 'segments are one octet smaller than they could be',
    rules: ['SHLD-28'],
    core: () => ({ effectiveMss: (tcb) => usual.effectiveMss(tcb) - 1 }),
  },
  {
    id: 'urgent-flag-missing',
    breaks: 'urgent text is sent without URG',
    rules: ['MUST-30', 'MUST-62'],
    core: sends((segment) => {
      segment.flags &= ~URG;
      segment.urgent = 0;
    }),
  },
  {
    id: 'urgent-pointer-names-the-last-octet',
    breaks: 'the urgent pointer names the last urgent octet',
    rules: ['MUST-62'],
    core: () => ({ urgentField: (tcb, seq) => usual.urgentField(tcb, seq) - 1 }),
  },
  {
    id: 'urgent-run-cut',
    breaks: 'the urgent pointer never points beyond its segment',
    rules: ['MUST-31', 'MUST-62'],
    core: sends((segment) => {
      segment.urgent = Math.min(segment.urgent, segment.payload.length);
    }),
  },
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
  {
    id: 'keep-alive-always-on',
    breaks: 'keep-alive is on though nobody asked for it',
    rules: ['MUST-25', 'MUST-24'],
    core: () => ({
      keepAliveOn: () => true,
      keepAliveIdleMs: (tcb) => Math.min(1000, tcb.settings.keepAliveIdleMs),
    }),
  },
  {
    id: 'keep-alive-never-on',
    breaks: 'keep-alive cannot be switched on',
    rules: ['MUST-24', 'MAY-5'],
    core: () => ({ keepAliveOn: () => false }),
  },
  {
    id: 'keep-alive-after-a-second',
    breaks: 'the first keep-alive probe comes after a second, whatever the interval',
    rules: ['MUST-28'],
    core: () => ({ keepAliveIdleMs: () => 1000 }),
  },
  {
    id: 'keep-alive-fatal',
    breaks: 'one unanswered keep-alive probe ends the connection',
    rules: ['MUST-29'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb !== undefined && tcb.keepAliveProbes > 1) giveUp(tcb);
        return tcb === undefined || tcb.keepAliveProbes <= 1 || segment.payload.length > 0;
      },
    }),
  },
  {
    id: 'keep-alive-with-text',
    breaks: 'a keep-alive probe carries an octet',
    rules: ['SHLD-12'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && isProbe(segment.seq, tcb)) segment.payload = new Uint8Array(1);
    }),
  },
  {
    id: 'keep-alive-at-snd-nxt',
    breaks: 'a keep-alive probe stands at SND.NXT, where it draws no answer',
    rules: ['SHLD-12'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && isProbe(segment.seq, tcb)) segment.seq = tcb.sndNxt;
    }),
  },
  {
    id: 'keep-alive-with-text-outstanding',
    breaks: 'keep-alive probes are sent though text is outstanding',
    rules: ['MUST-26'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        // The retransmission looks like a probe that came too early.
        if (tcb !== undefined && segment.payload.length > 0 && tcb.keepAliveAt !== Infinity)
          tcb.stack.transmit({ ...segment, payload: new Uint8Array(0), seq: seqAdd(tcb.sndUna, -1) });
        return true;
      },
    }),
  },
  {
    id: 'keep-alive-not-postponed',
    breaks: 'what arrives does not postpone the keep-alive probe',
    rules: ['MUST-26'],
    core: () => {
      const due = new WeakMap<Tcb, number>();
      return {
        keepAliveIdleMs(tcb) {
          const from = due.get(tcb) ?? tcb.lastHeardAt + tcb.settings.keepAliveIdleMs;
          due.set(tcb, from);
          return Math.max(1, from - tcb.lastHeardAt);
        },
      };
    },
  },
  {
    id: 'syn-without-push-of-time',
    breaks: 'text that was written before the connection is open is lost',
    rules: ['R9293-U1', 'MUST-60'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (segment.flags & SYN && tcb !== undefined) early.set(tcb, true);
        return (
          segment.payload.length === 0 || tcb?.listener !== undefined || tcb === undefined || !early.get(tcb)
        );
      },
    }),
    cases: ['send-before-established'],
  },
];

/** Deletes the record once the procedure that asked is done. */
function giveUp(tcb: Tcb): void {
  queueMicrotask(() => terminate(tcb));
}

const early = new WeakMap<Tcb, boolean>();

function isProbe(seq: number, tcb: Tcb): boolean {
  return tcb.keepAliveProbes > 0 && seq === seqAdd(tcb.sndNxt, -1) && tcb.sndUna === tcb.sndNxt;
}

function withoutNoDelay(tcb: Tcb): Tcb {
  return Object.create(tcb, { settings: { value: { ...tcb.settings, noDelay: false } } }) as Tcb;
}
