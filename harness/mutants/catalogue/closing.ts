import { terminate } from '../../../tcp-lite/core/ending.js';
import { ACK, FIN, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { sendReset } from '../../../tcp-lite/core/segment-out.js';
import { seqDiff } from '../../../tcp-lite/core/seq.js';
import { deafTo, mistakes, reacts, sends } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 sections 3.6 and 3.10.4, RFC 6191: closing, half-closing, TIME-WAIT. */
export const closingMutants: Mutant[] = [
  {
    id: 'reset-told-as-end',
    breaks: 'a reset is told to the application as an orderly end',
    rules: ['MUST-12'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state !== 'ESTABLISHED' || (segment.flags & RST) === 0 || segment.seq !== tcb.rcvNxt) return;
      segment.flags = FIN | ACK;
      segment.ack = tcb.sndNxt;
    }),
  },
  {
    id: 'end-told-as-reset',
    breaks: 'an orderly end is told to the application as a reset',
    rules: ['MUST-12'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state === 'ESTABLISHED' && segment.flags & FIN) segment.flags = RST;
    }),
  },
  {
    id: 'end-not-told',
    breaks: 'the application does not learn that the peer has closed',
    rules: ['MUST-12'],
    core: () => ({
      beforeTransmit(_segment, tcb) {
        if (tcb?.state === 'CLOSE-WAIT') tcb.finReceived = false;
        return true;
      },
    }),
  },
  {
    id: 'fin-overtakes-text',
    breaks: 'a FIN counts as soon as it arrives, whatever is missing before it',
    rules: ['MUST-12'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state === 'ESTABLISHED' && segment.flags & FIN && segment.payload.length === 0)
        segment.seq = tcb.rcvNxt;
    }),
  },
  {
    id: 'fin-with-text-lost',
    breaks: 'a FIN that comes with text is not seen',
    rules: ['MUST-12'],
    core: mistakes((segment) => {
      if (segment.payload.length > 0) segment.flags &= ~FIN;
    }),
  },
  {
    id: 'text-with-fin-lost',
    breaks: 'the text that comes with a FIN is acknowledged and lost',
    rules: ['MUST-12'],
    core: mistakes((segment) => {
      if ((segment.flags & (FIN | SYN)) === FIN && segment.payload.length > 0)
        segment.payload = new Uint8Array(segment.payload.length);
    }),
  },
  {
    id: 'last-ack-stays',
    breaks: 'the ACK of its FIN does not end LAST-ACK',
    rules: ['MUST-12'],
    core: deafTo(({ flags }, tcb) => tcb?.state === 'LAST-ACK' && (flags & ~8) === ACK),
  },
  {
    id: 'no-time-wait',
    breaks: 'TIME-WAIT is left at once',
    rules: ['MUST-13'],
    core: () => ({ timeWaitMs: () => 0 }),
  },
  {
    id: 'time-wait-of-a-second',
    breaks: 'TIME-WAIT lasts one second',
    rules: ['MUST-13'],
    core: () => ({ timeWaitMs: () => 1000 }),
  },
  {
    id: 'time-wait-of-one-msl',
    breaks: 'TIME-WAIT lasts one maximum segment lifetime',
    rules: ['MUST-13'],
    cases: ['time-wait-kept'],
    core: () => ({ timeWaitMs: (tcb) => tcb.stack.limits.mslMs }),
  },
  {
    id: 'no-time-wait-after-closing',
    breaks: 'CLOSING leads to CLOSED',
    rules: ['MUST-13'],
    core: reacts(({ flags, ack }, tcb) => {
      if (tcb.state !== 'CLOSING' || (flags & ~8) !== ACK || ack !== tcb.sndNxt) return false;
      terminate(tcb);
      return true;
    }),
  },
  {
    id: 'time-wait-does-not-acknowledge',
    breaks: 'a FIN that is repeated in TIME-WAIT draws nothing',
    rules: ['MUST-13'],
    core: deafTo(({ flags }, tcb) => tcb?.state === 'TIME-WAIT' && flags & FIN),
  },
  {
    id: 'time-wait-refuses-newer-stamps',
    breaks: 'a SYN with a newer timestamp does not reopen a connection in TIME-WAIT',
    rules: ['SHLD-4', 'RFC6191-2a'],
    core: () => ({ timeWaitSyn: (tcb) => (tcb.timestamps ? 'drop' : 'ack') }),
  },
  {
    id: 'time-wait-takes-older-stamps',
    breaks: 'any SYN with a timestamp reopens a connection in TIME-WAIT',
    rules: ['SHLD-4', 'RFC6191-2c'],
    core: () => ({
      timeWaitSyn: (tcb, segment) => (tcb.timestamps ? 'accept' : usual.timeWaitSyn(tcb, segment)),
    }),
  },
  {
    id: 'time-wait-refuses-equal-stamps',
    breaks: 'a SYN with the same timestamp and a higher number does not reopen a connection in TIME-WAIT',
    rules: ['SHLD-4', 'RFC6191-2b'],
    core: () => ({
      timeWaitSyn: (tcb, segment) =>
        tcb.timestamps && segment.options.tsVal === tcb.tsRecent ? 'drop' : usual.timeWaitSyn(tcb, segment),
    }),
  },
  {
    id: 'time-wait-takes-old-syns',
    breaks: 'a SYN below the numbers of the old connection reopens it in TIME-WAIT',
    rules: ['MAY-2'],
    core: () => ({ timeWaitSyn: () => 'accept' }),
  },
  {
    id: 'half-closed-takes-nothing',
    breaks: 'after its own FIN it takes no text',
    rules: ['R9293-L16'],
    core: deafTo(({ payload }, tcb) => tcb?.state.startsWith('FIN-WAIT') === true && payload.length > 0),
  },
  {
    id: 'half-closed-resets',
    breaks: 'after its own FIN it resets the connection when text comes',
    rules: ['R9293-L16'],
    core: reacts(({ payload }, tcb, now) => {
      if (!tcb.state.startsWith('FIN-WAIT') || payload.length === 0) return false;
      sendReset(tcb, now);
      terminate(tcb);
      return true;
    }),
  },
  {
    id: 'fin-wait-2-takes-nothing',
    breaks: 'once its FIN is acknowledged it takes no text',
    rules: ['R9293-L16'],
    core: deafTo(({ payload }, tcb) => tcb?.state === 'FIN-WAIT-2' && payload.length > 0),
  },
  {
    id: 'fin-not-repeated',
    breaks: 'the FIN is sent once only',
    rules: ['R9293-L9'],
    core: sendsOnce(({ flags }) => (flags & FIN) !== 0),
  },
  {
    id: 'text-before-fin-not-repeated',
    breaks: 'text is not sent again once the FIN has left',
    rules: ['R9293-L9'],
    core: () => ({
      beforeTransmit: ({ payload, seq }, tcb) =>
        tcb === undefined ||
        payload.length === 0 ||
        !isClosing(tcb.state) ||
        seqDiff(seq, tcb.sndUna) !== 0 ||
        tcb.expiries === 0,
    }),
  },
  {
    id: 'fin-before-its-text',
    breaks: 'CLOSE puts the FIN on the next segment, though more text is queued',
    rules: ['R9293-L10'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb?.finQueued === true && segment.payload.length > 0) segment.flags |= FIN;
        return true;
      },
    }),
  },
  {
    id: 'close-throws-text-away',
    breaks: 'the FIN takes the place of the last text that is queued',
    rules: ['R9293-L10'],
    core: sends((segment) => {
      if (segment.flags & FIN) segment.payload = segment.payload.subarray(0, 0);
    }),
  },
  {
    id: 'unread-text-closed-over',
    breaks: 'CLOSE with text unread sends a FIN',
    rules: ['SHLD-3'],
    core: () => ({ resetsOnUnreadData: () => false }),
  },
  {
    id: 'late-text-acknowledged',
    breaks: 'text that comes after CLOSE is acknowledged and thrown away',
    rules: ['SHLD-3'],
    core: () => ({ resetsOnLateData: () => false }),
  },
  {
    id: 'late-text-ignored',
    breaks: 'text that comes after CLOSE draws nothing',
    rules: ['SHLD-3'],
    core: deafTo(({ payload }, tcb) => tcb?.readClosed === true && payload.length > 0),
  },
];

function isClosing(state: string): boolean {
  return state === 'FIN-WAIT-1' || state === 'CLOSING' || state === 'LAST-ACK';
}

/** The first of those segments leaves, no other. */
function sendsOnce(where: (segment: Parameters<typeof usual.beforeTransmit>[0]) => boolean) {
  return () => {
    let sent = false;
    return {
      beforeTransmit(segment: Parameters<typeof usual.beforeTransmit>[0]): boolean {
        if (!where(segment)) return true;
        const again = sent;
        sent = true;
        return !again;
      },
    };
  };
}
