import { ACK, FIN, RST } from '../../../tcp-lite/core/flags.js';
import { sendAck } from '../../../tcp-lite/core/segment-out.js';
import { seqAdd, seqDiff } from '../../../tcp-lite/core/seq.js';
import { deafTo, isReset, mistakes, mute, reacts, sends } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 sections 3.5.2, 3.5.3 and 3.10.7: which resets it sends and obeys. */
export const resetMutants: Mutant[] = [
  {
    id: 'reset-numbered-zero',
    breaks: 'a reset that answers an ACK has sequence number 0',
    rules: ['R9293-L3'],
    core: sends((segment, tcb) => {
      if (tcb === undefined && (segment.flags & ACK) === 0) segment.seq = 0;
    }),
  },
  {
    id: 'reset-acknowledges-without-syn',
    breaks: 'the reset that answers a SYN does not count it',
    rules: ['R9293-L3'],
    core: sends((segment, tcb) => {
      if (tcb === undefined && segment.flags & ACK) segment.ack = seqAdd(segment.ack, -1);
    }),
  },
  {
    id: 'reset-without-its-ack-flag',
    breaks: 'the reset that answers a segment without ACK has no ACK flag',
    rules: ['R9293-L3'],
    core: sends((segment, tcb) => {
      if (tcb === undefined) segment.flags &= ~ACK;
    }),
  },
  {
    id: 'reset-ignores-text-length',
    breaks: 'the reset that answers text without ACK does not count the text',
    rules: ['R9293-L3'],
    core: mistakes((segment, tcb) => {
      if (tcb === undefined && (segment.flags & ACK) === 0) segment.payload = segment.payload.subarray(0, 0);
    }),
  },
  {
    id: 'reset-ignores-fin',
    breaks: 'the reset that answers a FIN without ACK does not count the FIN',
    rules: ['R9293-L3'],
    core: mistakes((segment, tcb) => {
      if (tcb === undefined && (segment.flags & ACK) === 0) segment.flags &= ~FIN;
    }),
  },
  {
    id: 'reset-answers-reset',
    breaks: 'a reset that belongs to no connection is answered with a reset',
    rules: ['R9293-L4'],
    core: mistakes((segment, tcb) => {
      if (tcb === undefined) segment.flags &= ~RST;
    }),
  },
  {
    id: 'exact-reset-ignored',
    breaks: 'a reset at RCV.NXT has no effect',
    rules: ['R9293-U3', 'RFC5961-3.2b'],
    core: deafTo((segment, tcb) => isReset(segment, tcb) && segment.seq === tcb?.rcvNxt),
  },
  {
    id: 'exact-reset-challenged',
    breaks: 'a reset at RCV.NXT is challenged',
    rules: ['R9293-U3', 'RFC5961-3.2b'],
    core: () => ({ resetVerdict: () => 'challenge' }),
  },
  {
    id: 'reset-with-text-ignored',
    breaks: 'a reset that carries text has no effect',
    rules: ['SHLD-2'],
    core: deafTo((segment, tcb) => isReset(segment, tcb) && segment.payload.length > 0),
  },
  {
    id: 'reset-outside-obeyed',
    breaks: 'a reset ends the connection wherever it stands',
    rules: ['RFC5961-3.2a'],
    core: mistakes((segment, tcb) => {
      if (tcb !== undefined && tcb.state !== 'SYN-SENT' && segment.flags & RST) segment.seq = tcb.rcvNxt;
    }),
  },
  {
    id: 'reset-outside-challenged',
    breaks: 'a reset outside the window draws an ACK',
    rules: ['RFC5961-3.2a'],
    core: reacts((segment, tcb, now) => {
      if (!isReset(segment, tcb) || usual.acceptable(tcb, segment.seq, 0)) return false;
      sendAck(tcb, now);
      return true;
    }),
  },
  {
    id: 'reset-left-of-the-window-obeyed',
    breaks: 'a reset at the octet before RCV.NXT ends the connection',
    rules: ['RFC5961-3.2a'],
    core: mistakes((segment, tcb) => {
      if (tcb !== undefined && isReset(segment, tcb) && seqDiff(tcb.rcvNxt, segment.seq) === 1)
        segment.seq = tcb.rcvNxt;
    }),
  },
  {
    id: 'syn-sent-reset-unchecked',
    breaks: 'in SYN-SENT a reset counts though it acknowledges nothing',
    rules: ['RFC5961-3.2d'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state !== 'SYN-SENT' || (segment.flags & RST) === 0) return;
      segment.flags |= ACK;
      segment.ack = tcb.sndNxt;
    }),
  },
  {
    id: 'syn-sent-reset-ignored',
    breaks: 'in SYN-SENT a reset that acknowledges the SYN is ignored',
    rules: ['RFC5961-3.2d', 'R9293-U2'],
    core: deafTo(({ flags }, tcb) => tcb?.state === 'SYN-SENT' && flags & RST),
  },
  {
    id: 'abort-silent',
    breaks: 'ABORT sends nothing',
    rules: ['R9293-L12'],
    core: mute(({ flags }, tcb) => tcb !== undefined && flags & RST),
  },
  {
    id: 'abort-numbered-wrong',
    breaks: 'the reset of an ABORT stands one octet beyond SND.NXT',
    rules: ['R9293-L12'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && segment.flags & RST) segment.seq = seqAdd(segment.seq, 1);
    }),
  },
  ...(['SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT'] as const).map(
    (state): Mutant => ({
      id: `abort-silent-in-${state.toLowerCase()}`,
      breaks: `ABORT sends nothing in ${state}`,
      rules: ['R9293-L12'],
      core: mute(({ flags }, tcb) => tcb?.state === state && flags & RST),
    }),
  ),
];
