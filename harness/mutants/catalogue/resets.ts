import { terminate } from '../../../tcp-lite/core/ending.js';
import { ACK, FIN, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { sendAck, sendReset } from '../../../tcp-lite/core/segment-out.js';
import { seqAdd, seqDiff, seqLt } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { deafTo, mistakes, mute, reacts, sends } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 sections 3.5.2, 3.5.3 and 3.10.7, RFC 5961: resets, SYNs that do not belong, challenge ACKs. */
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
    id: 'inexact-reset-obeyed',
    breaks: 'a reset anywhere in the window ends the connection',
    rules: ['R9293-U4', 'R9293-U5', 'RFC5961-3.2c'],
    core: () => ({ resetVerdict: () => 'reset' }),
  },
  {
    id: 'inexact-reset-not-challenged',
    breaks: 'a reset inside the window is dropped in silence',
    rules: ['R9293-U4', 'RFC5961-3.2c'],
    core: () => ({
      resetVerdict: (tcb, seq) => (usual.resetVerdict(tcb, seq) === 'reset' ? 'reset' : 'drop'),
    }),
  },
  {
    id: 'challenge-numbered-wrong',
    breaks: 'the challenge ACK has the number of the octet before SND.NXT',
    rules: ['R9293-U4', 'RFC5961-3.2c'],
    core: reacts((segment, tcb, now) => {
      if (!isInexactReset(segment, tcb)) return false;
      challengeWith(tcb, now, (answer) => (answer.seq = seqAdd(answer.seq, -1)));
      return true;
    }),
  },
  {
    id: 'challenge-acknowledges-wrong',
    breaks: 'the challenge ACK acknowledges the sequence number of the reset',
    rules: ['R9293-U4', 'RFC5961-3.2c'],
    core: reacts((segment, tcb, now) => {
      if (!isInexactReset(segment, tcb)) return false;
      challengeWith(tcb, now, (answer) => (answer.ack = segment.seq));
      return true;
    }),
  },
  {
    id: 'challenged-reset-ends-all-the-same',
    breaks: 'a reset inside the window is challenged, and then ends the connection',
    rules: ['R9293-U5'],
    core: reacts((segment, tcb, now) => {
      if (!isInexactReset(segment, tcb)) return false;
      sendAck(tcb, now);
      terminate(tcb);
      return true;
    }),
  },
  {
    id: 'challenged-reset-text-taken',
    breaks: 'the text of a challenged reset is taken',
    rules: ['R9293-U5'],
    core: mistakes((segment, tcb, now) => {
      if (tcb === undefined || !isInexactReset(segment, tcb) || segment.payload.length === 0) return;
      sendAck(tcb, now);
      segment.flags = ACK;
      segment.ack = tcb.sndUna;
      segment.seq = tcb.rcvNxt;
    }),
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
    id: 'syn-resets',
    breaks: 'a SYN inside the window resets the connection',
    rules: ['R9293-U6', 'R9293-U7', 'RFC5961-4.2'],
    core: () => ({ synVerdict: (tcb) => (tcb.state === 'SYN-RECEIVED' ? 'listen' : 'reset') }),
  },
  {
    id: 'syn-not-challenged',
    breaks: 'a SYN in a synchronized state is dropped in silence',
    rules: ['R9293-U6', 'RFC5961-4.2'],
    core: () => ({ synVerdict: (tcb) => (tcb.state === 'SYN-RECEIVED' ? usual.synVerdict(tcb) : 'drop') }),
  },
  {
    id: 'syn-outside-answered-with-reset',
    breaks: 'a SYN outside the window draws a reset',
    rules: ['R9293-U6', 'RFC5961-4.2'],
    core: reacts((segment, tcb, now) => {
      if (!isSyn(segment, tcb) || usual.acceptable(tcb, segment.seq, 1)) return false;
      sendReset(tcb, now);
      return true;
    }),
  },
  {
    id: 'syn-ack-not-challenged',
    breaks: 'a SYN, ACK in a synchronized state is dropped in silence',
    rules: ['R9293-U6'],
    core: deafTo((segment, tcb) => tcb !== undefined && isSyn(segment, tcb) && segment.flags & ACK),
  },
  {
    id: 'challenged-syn-text-taken',
    breaks: 'the text and the FIN of a challenged SYN are taken',
    rules: ['R9293-U7'],
    core: mistakes((segment, tcb, now) => {
      if (tcb === undefined || !isSyn(segment, tcb)) return;
      if (segment.payload.length === 0 && (segment.flags & FIN) === 0) return;
      sendAck(tcb, now);
      segment.flags = (segment.flags & FIN) | ACK;
      segment.ack = tcb.sndUna;
      segment.seq = tcb.rcvNxt;
    }),
  },
  {
    id: 'challenged-syn-moves-the-window',
    breaks: 'a challenged SYN makes its sequence number the next one expected',
    rules: ['R9293-U7'],
    core: reacts((segment, tcb, now) => {
      if (!isSyn(segment, tcb) || !usual.acceptable(tcb, segment.seq, 1)) return false;
      sendAck(tcb, now);
      tcb.rcvNxt = seqAdd(segment.seq, 1);
      return true;
    }),
  },
  {
    id: 'challenges-unlimited',
    breaks: 'there is no limit to the rate of challenge ACKs',
    rules: ['RFC5961-7'],
    core: () => ({ challengeAllowed: () => true }),
  },
  {
    id: 'unacceptable-not-answered',
    breaks: 'unacceptable segments are dropped in silence',
    rules: ['R9293-L5'],
    core: () => ({ answersUnacceptable: () => false }),
  },
  {
    id: 'unacceptable-answered-with-reset',
    breaks: 'an unacceptable segment draws a reset',
    rules: ['R9293-L5'],
    core: reacts((segment, tcb, now) => {
      const opening = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
      const { flags, seq, payload } = segment;
      if (opening || flags & (RST | SYN) || usual.acceptable(tcb, seq, payload.length)) return false;
      sendReset(tcb, now);
      return true;
    }),
  },
  {
    id: 'unacceptable-answered-with-wrong-ack',
    breaks: 'the ACK for an unacceptable segment acknowledges what that segment brought',
    rules: ['R9293-L5'],
    core: reacts((segment, tcb, now) => {
      const { flags, seq, payload } = segment;
      if (!isSynchronized(tcb) || flags & (RST | SYN) || usual.acceptable(tcb, seq, payload.length))
        return false;
      challengeWith(tcb, now, (answer) => (answer.ack = seqAdd(seq, payload.length)));
      return true;
    }),
  },
  {
    id: 'future-ack-taken',
    breaks: 'text with an ACK of what was never sent is taken',
    rules: ['R9293-U8'],
    core: mistakes((segment, tcb) => {
      if (tcb !== undefined && isSynchronized(tcb) && seqLt(tcb.sndMax, segment.ack))
        segment.ack = tcb.sndMax;
    }),
  },
  {
    id: 'future-ack-not-answered',
    breaks: 'an ACK of what was never sent is dropped in silence',
    rules: ['R9293-U8'],
    core: deafTo(
      ({ flags, ack }, tcb) =>
        tcb !== undefined && isSynchronized(tcb) && flags & ACK && seqLt(tcb.sndMax, ack),
    ),
  },
  {
    id: 'ancient-ack-not-answered',
    breaks: 'text with an ACK older than the largest window is dropped in silence',
    rules: ['R9293-U8'],
    core: deafTo(
      ({ flags, ack }, tcb) =>
        tcb !== undefined &&
        isSynchronized(tcb) &&
        flags & ACK &&
        seqDiff(ack, tcb.sndMax) <= 0 &&
        !usual.ackInRange(tcb, ack),
    ),
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

function isSynchronized(tcb: Tcb): boolean {
  return tcb.state !== 'SYN-SENT' && tcb.state !== 'SYN-RECEIVED';
}

function isReset({ flags }: Segment, tcb: Tcb | undefined): boolean {
  return tcb !== undefined && tcb.state !== 'SYN-SENT' && (flags & RST) !== 0;
}

function isInexactReset(segment: Segment, tcb: Tcb): boolean {
  return isReset(segment, tcb) && usual.resetVerdict(tcb, segment.seq) === 'challenge';
}

function isSyn({ flags }: Segment, tcb: Tcb): boolean {
  return isSynchronized(tcb) && (flags & (SYN | RST)) === SYN && tcb.state !== 'TIME-WAIT';
}

/** Sends an ACK that is not what it should be. */
function challengeWith(tcb: Tcb, now: number, change: (answer: Segment) => void): void {
  const { rules } = tcb.stack;
  const own = rules.beforeTransmit.bind(rules);
  rules.beforeTransmit = (answer) => {
    change(answer);
    return true;
  };
  sendAck(tcb, now);
  rules.beforeTransmit = own;
}
