import { updateWindow } from '../../../tcp-lite/core/ack.js';
import { ACK, PSH, RST, SYN, URG } from '../../../tcp-lite/core/flags.js';
import { sendAck } from '../../../tcp-lite/core/segment-out.js';
import { seqAdd, seqDiff, seqLeq, seqLt } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import { deafTo, mistakes, reacts } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 sections 3.10.7.4 steps 5 to 7 and 3.8.6: text, windows and acknowledgments of the receiver. */
export const receivingMutants: Mutant[] = [
  {
    id: 'overlap-dropped',
    breaks: 'a segment that repeats octets is dropped with what is new in it',
    rules: ['R9293-L6'],
    core: reacts(({ seq, payload }, tcb, now) => {
      const old = seqDiff(tcb.rcvNxt, seq);
      if (old <= 0 || payload.length <= old) return false;
      sendAck(tcb, now);
      return true;
    }),
  },
  {
    id: 'overlap-delivered-twice',
    breaks: 'octets that are repeated at the front of a segment are delivered again',
    rules: ['R9293-L6'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state !== 'ESTABLISHED' || segment.flags & (SYN | RST)) return;
      const old = seqDiff(tcb.rcvNxt, segment.seq);
      if (old > 0 && segment.payload.length > old) segment.seq = tcb.rcvNxt;
    }),
  },
  {
    id: 'window-overrun-delivered-short',
    breaks: 'text beyond the window is acknowledged, though not taken',
    rules: ['R9293-L6'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        const more = tcb === undefined ? undefined : overrun.get(tcb);
        if (more !== undefined) segment.ack = seqAdd(segment.ack, more);
        return true;
      },
      beforeArrival(segment, tcb) {
        if (tcb?.state !== 'ESTABLISHED' || segment.payload.length < 2) return true;
        const excess = seqDiff(seqAdd(segment.seq, segment.payload.length), tcb.rcvEdge);
        if (excess > 1 && excess < segment.payload.length) overrun.set(tcb, Math.floor(excess / 2));
        return true;
      },
    }),
  },
  {
    id: 'held-text-misplaced',
    breaks: 'a segment that overlaps held text is kept in the wrong place',
    rules: ['R9293-L6', 'SHLD-31'],
    core: mistakes((segment, tcb) => {
      const ahead = tcb === undefined ? 0 : seqDiff(segment.seq, tcb.rcvNxt);
      if (tcb !== undefined && ahead > 0 && tcb.reassembly.lefts.length > 0 && segment.payload.length > 1)
        segment.payload = Uint8Array.from(segment.payload).reverse();
    }),
  },
  {
    id: 'closed-window-silent',
    breaks: 'nothing answers text that comes while the window is closed',
    rules: ['R9293-L7'],
    core: deafTo(({ payload }, tcb) => isShut(tcb) && payload.length > 0),
  },
  {
    id: 'closed-window-takes-text',
    breaks: 'text is taken though the window is closed',
    rules: ['R9293-L7'],
    core: mistakes(({ payload }, tcb) => {
      if (tcb !== undefined && isShut(tcb) && payload.length > 0) {
        tcb.settings.receiveBuffer += payload.length;
        tcb.rcvEdge = seqAdd(tcb.rcvNxt, payload.length);
      }
    }),
  },
  {
    id: 'closed-window-ignores-reset',
    breaks: 'a reset has no effect while the window is closed',
    rules: ['MUST-66'],
    core: deafTo(({ flags }, tcb) => isShut(tcb) && flags & RST),
  },
  {
    id: 'closed-window-ignores-ack',
    breaks: 'the acknowledgment of a segment has no effect while the window is closed',
    rules: ['MUST-66'],
    core: () => ({
      admitsAtClosedWindow: () => false,
      beforeArrival: ({ flags, ack }, tcb) =>
        tcb === undefined || !isShut(tcb) || (flags & RST) !== 0 || !seqLt(tcb.sndUna, ack),
    }),
  },
  {
    id: 'closed-window-ignores-urgent',
    breaks: 'a segment with URG has no effect while the window is closed',
    rules: ['MUST-66'],
    core: deafTo(({ flags }, tcb) => isShut(tcb) && flags & URG),
  },
  {
    id: 'window-from-any-segment',
    breaks: 'the window is taken from every segment, however old its number or its acknowledgment',
    rules: ['R9293-L8'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state === 'ESTABLISHED' && segment.flags & ACK)
        updateWindow(tcb, usual.windowFrom(tcb, segment.window), segment.seq, segment.ack);
    }),
  },
  {
    id: 'window-from-older-text',
    breaks: 'the window is taken from text that was sent before the newest',
    rules: ['R9293-L8'],
    core: () => ({ updatesWindow: (tcb, _seq, ack) => seqLeq(tcb.sndWl2, ack) }),
  },
  {
    id: 'window-never-updated',
    breaks: 'the window is that of the handshake for ever',
    rules: ['R9293-L8'],
    core: () => ({ updatesWindow: () => false }),
  },
  {
    id: 'window-only-with-new-ack',
    breaks: 'the window is taken only from segments that acknowledge something new',
    rules: ['R9293-L8'],
    core: () => ({ updatesWindow: (tcb, _seq, ack) => seqLt(tcb.sndWl2, ack) }),
  },
  {
    id: 'out-of-order-dropped',
    breaks: 'text beyond a hole is not kept',
    rules: ['SHLD-31'],
    core: () => ({ keepsOutOfOrder: () => false }),
  },
  {
    id: 'held-text-acknowledged-in-steps',
    breaks: 'text that fills a hole is acknowledged by itself first, then with what was held',
    rules: ['MUST-59'],
    core: () => {
      let holes = false;
      let from = 0;
      return {
        beforeArrival(segment, tcb) {
          holes = tcb !== undefined && tcb.reassembly.lefts.length > 0 && segment.seq === tcb.rcvNxt;
          if (tcb !== undefined) from = seqAdd(tcb.rcvNxt, segment.payload.length);
          return true;
        },
        beforeTransmit(segment, tcb) {
          if (!holes || tcb === undefined || !seqLt(from, segment.ack)) return true;
          holes = false;
          tcb.stack.transmit({ ...segment, ack: from });
          return true;
        },
      };
    },
  },
  {
    id: 'held-text-not-acknowledged',
    breaks: 'once a hole is filled, what was held is not acknowledged with it',
    rules: ['MUST-59'],
    core: () => {
      let limit: number | undefined;
      return {
        beforeArrival(segment, tcb) {
          if (tcb !== undefined && segment.seq === tcb.rcvNxt && tcb.reassembly.lefts.length > 0)
            limit = seqAdd(tcb.rcvNxt, segment.payload.length);
          return true;
        },
        beforeTransmit(segment) {
          if (limit !== undefined && seqLt(limit, segment.ack)) segment.ack = limit;
          return true;
        },
      };
    },
  },
  {
    id: 'every-segment-acknowledged-twice',
    breaks: 'every segment is acknowledged twice, at once',
    rules: ['MUST-58', 'RFC5681-4.2c'],
    core: () => ({
      acknowledgesAtOnce: () => true,
      beforeTransmit(segment, tcb) {
        if (segment.flags === ACK && segment.payload.length === 0 && tcb?.state === 'ESTABLISHED')
          tcb.stack.transmit({ ...segment });
        return true;
      },
    }),
  },
  {
    id: 'every-segment-acknowledged',
    breaks: 'every segment is acknowledged at once',
    rules: ['MUST-58', 'SHLD-18'],
    core: () => ({ acknowledgesAtOnce: () => true }),
  },
  {
    id: 'ack-after-700-ms',
    breaks: 'an ACK waits for up to 700 ms',
    rules: ['MUST-40', 'RFC5681-4.2a'],
    core: () => ({ ackDelayMs: () => 700 }),
  },
  {
    id: 'ack-never-by-itself',
    breaks: 'an ACK waits for text to ride on',
    rules: ['MUST-40', 'RFC5681-4.2a'],
    core: () => ({ ackDelayMs: () => 60_000, acknowledgesAtOnce: () => false }),
  },
  {
    id: 'ack-not-every-second-segment',
    breaks: 'full segments are acknowledged only when the delay is over',
    rules: ['SHLD-19', 'RFC5681-4.2b'],
    core: () => ({ acknowledgesAtOnce: () => false, ackDelayMs: () => 300 }),
  },
  {
    id: 'ack-every-fourth-segment',
    breaks: 'only every fourth full segment is acknowledged at once',
    rules: ['SHLD-19', 'RFC5681-4.2b'],
    core: () => ({
      ackDelayMs: () => 400,
      acknowledgesAtOnce: (tcb) => seqDiff(tcb.rcvNxt, tcb.lastAckSent) >= 4 * tcb.rcvMss,
    }),
  },
  {
    id: 'out-of-order-acknowledged-late',
    breaks: 'text beyond a hole is acknowledged when the delay is over',
    rules: ['RFC5681-3.2-DUP'],
    core: () => ({ acknowledgesOutOfOrder: () => false, ackDelayMs: () => 400 }),
  },
  {
    id: 'filled-hole-acknowledged-late',
    breaks: 'text that fills a hole is acknowledged when the delay is over',
    rules: ['RFC5681-3.2-FILL'],
    core: () => {
      let filling = false;
      return {
        beforeArrival(segment, tcb) {
          filling =
            tcb !== undefined &&
            tcb.reassembly.lefts.length > 0 &&
            segment.seq === tcb.rcvNxt &&
            segment.payload.length > 0;
          return true;
        },
        beforeTransmit(segment, tcb) {
          if (!filling || tcb === undefined || segment.flags !== ACK) return true;
          filling = false;
          tcb.delayedAckAt = tcb.lastHeardAt + 400;
          tcb.stack.wake(tcb, tcb.delayedAckAt);
          return false;
        },
      };
    },
  },
  {
    id: 'window-opened-by-octets',
    breaks: 'the window opens by every octet that the application reads',
    rules: ['MUST-39'],
    core: () => ({ worthOpening: (_tcb, octets) => octets > 0, updatesWindowNow: () => true }),
  },
  {
    id: 'window-pulled-back',
    breaks: 'the window stays as large as the buffer has room for, whatever was announced before',
    rules: ['SHLD-14'],
    core: () => ({
      mayPullBack: () => true,
      freeEdge: (tcb) =>
        seqAdd(tcb.rcvNxt, Math.max(0, tcb.settings.receiveBuffer - 3 * tcb.reassembly.ready)),
    }),
  },
  {
    id: 'urgent-segments-refused',
    breaks: 'segments with URG are dropped',
    rules: ['MUST-30'],
    core: deafTo(({ flags }) => flags & URG),
  },
  {
    id: 'urgent-text-skipped',
    breaks: 'the urgent octet is left out of what the application reads',
    rules: ['MUST-30', 'MUST-31'],
    core: mistakes((segment) => {
      if ((segment.flags & URG) === 0 || segment.urgent === 0) return;
      const at = segment.urgent - 1;
      segment.payload = Uint8Array.from(segment.payload, (octet, index) => (index === at ? 0 : octet));
    }),
  },
  {
    id: 'urgent-run-bounded',
    breaks: 'an urgent pointer beyond its segment resets the connection',
    rules: ['MUST-31'],
    core: mistakes((segment, tcb) => {
      if (tcb !== undefined && segment.flags & URG && segment.urgent > segment.payload.length) {
        segment.flags = RST;
        segment.seq = tcb.rcvNxt;
      }
    }),
  },
  {
    id: 'pushed-text-only',
    breaks: 'only segments with PSH are taken',
    rules: ['SHLD-31', 'MUST-59'],
    core: deafTo(({ flags, payload }, tcb) => tcb !== undefined && payload.length > 0 && (flags & PSH) === 0),
  },
  {
    id: 'acceptable-only-in-order',
    breaks: 'only what begins at RCV.NXT is acceptable',
    rules: ['SHLD-31', 'R9293-L6'],
    core: () => ({
      acceptable: (tcb, seq, length) =>
        usual.acceptable(tcb, seq, length) && (length === 0 || seq === tcb.rcvNxt),
    }),
  },
];

/** How much too much is acknowledged, by connection. */
const overrun = new WeakMap<Tcb, number>();

function isShut(tcb: Tcb | undefined): boolean {
  return tcb?.state === 'ESTABLISHED' && tcb.rcvEdge === tcb.rcvNxt;
}
