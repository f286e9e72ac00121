import { terminate } from '../../../tcp-lite/core/ending.js';
import { ACK, FIN, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { sendAck, sendReset } from '../../../tcp-lite/core/segment-out.js';
import { seqAdd, seqDiff, seqLt } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { deafTo, isReset, mistakes, reacts } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 5961, RFC 9293 section 3.10.7.4: what it answers with an ACK in place of a reset or not at all. */
export const challengeMutants: Mutant[] = [
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
];

function isSynchronized(tcb: Tcb): boolean {
  return tcb.state !== 'SYN-SENT' && tcb.state !== 'SYN-RECEIVED';
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
