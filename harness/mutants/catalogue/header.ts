import { ACK, FIN, PSH, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { segmentLength } from '../../../tcp-lite/core/segment-out.js';
import { seqAdd, seqDiff, seqLeq } from '../../../tcp-lite/core/seq.js';
import { believesChecksum, deafTo, encodes, mistakes, sends } from '../means.js';
import { type Mutant, usual, usualHost } from '../mutant.js';

const RESERVED = 0xe00;

/** RFC 9293 section 3.1 and 3.4: checksum, reserved bits, window field, arithmetic of sequence numbers. */
export const headerMutants: Mutant[] = [
  {
    id: 'checksum-wrong-on-text',
    breaks: 'segments with text leave with a wrong checksum',
    rules: ['MUST-2'],
    host: encodes(({ bytes, start }, segment) => {
      if (segment.payload.length > 0) bytes[start + 16]! ^= 0x55;
    }, false),
  },
  {
    id: 'checksum-wrong-on-odd-text',
    breaks: 'the last octet of a text of odd length is left out of the checksum',
    rules: ['MUST-2'],
    host: encodes(({ bytes, start, end }, segment) => {
      if (segment.payload.length % 2 === 0) return;
      const last = bytes[end - 1]!;
      const high = bytes[start + 16]! + last;
      bytes[start + 16] = high > 0xff ? high - 0xff : high;
    }, false),
  },
  {
    id: 'checksum-wrong-on-reset',
    breaks: 'resets leave with a wrong checksum',
    rules: ['MUST-2'],
    host: encodes(({ bytes, start }, segment) => {
      if (segment.flags & RST) bytes[start + 17]! ^= 1;
    }, false),
  },
  {
    id: 'checksum-unchecked-on-syn',
    breaks: 'a SYN is taken whatever its checksum',
    rules: ['MUST-3'],
    host: believesChecksum(({ flags }) => flags & SYN),
  },
  {
    id: 'checksum-unchecked-on-text',
    breaks: 'text is taken whatever its checksum',
    rules: ['MUST-3'],
    host: believesChecksum(({ payload }) => payload.length > 0),
  },
  {
    id: 'checksum-unchecked-on-control',
    breaks: 'FIN and RST are taken whatever their checksum',
    rules: ['MUST-3'],
    host: believesChecksum(({ flags }) => flags & (FIN | RST)),
  },
  {
    id: 'checksum-unchecked-on-ack',
    breaks: 'a bare ACK is taken whatever its checksum',
    rules: ['MUST-3'],
    host: believesChecksum(({ flags, payload }) => (flags & ~PSH) === ACK && payload.length === 0),
  },
  {
    id: 'window-signed',
    breaks: 'a window of 32,768 octets and more is read as a negative one',
    rules: ['MUST-1'],
    core: mistakes((segment) => {
      if (segment.window > 0x7fff) segment.window = 0;
    }),
  },
  {
    id: 'window-signed-in-updates',
    breaks: 'the window of an ACK is read as a signed number',
    rules: ['MUST-1'],
    core: () => ({
      windowFrom: (tcb, field) => (field > 0x7fff ? 0 : usual.windowFrom(tcb, field)),
    }),
  },
  {
    id: 'reserved-bits-set',
    breaks: 'reserved bits are set in segments of a connection',
    rules: ['R9293-L1'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && (segment.flags & SYN) === 0) segment.flags |= 0x400;
    }),
  },
  {
    id: 'reserved-bits-set-on-resets',
    breaks: 'reserved bits are set in resets',
    rules: ['R9293-L1'],
    core: sends((segment) => {
      if (segment.flags & RST) segment.flags |= 0x200;
    }),
  },
  {
    id: 'reserved-bits-refused',
    breaks: 'segments with reserved bits set are dropped',
    rules: ['R9293-L1'],
    core: deafTo(({ flags }) => flags & RESERVED),
  },
  {
    id: 'received-wrap-unknown',
    breaks: 'a segment that reaches over sequence number zero is taken for an old one',
    rules: ['R9293-L2'],
    core: deafTo((segment) => segment.seq + segmentLength(segment) > 2 ** 32),
  },
  {
    id: 'acknowledged-wrap-unknown',
    breaks: 'an ACK number beyond the wrap is taken for an old one',
    rules: ['R9293-L2'],
    core: deafTo(
      ({ flags, ack }, tcb) =>
        tcb !== undefined && (flags & ACK) !== 0 && ack < tcb.sndUna && seqDiff(ack, tcb.sndUna) > 0,
    ),
  },
  {
    id: 'window-wrap-unknown',
    breaks: 'a window that reaches over sequence number zero counts as closed beyond it',
    rules: ['R9293-L2'],
    core: deafTo(
      ({ seq }, tcb) =>
        tcb !== undefined && tcb.rcvNxt > 2 ** 31 && seq < 2 ** 30 && seqDiff(seq, tcb.rcvNxt) > 0,
    ),
  },
  {
    id: 'ack-flag-missing-on-fin',
    breaks: 'a FIN leaves without the ACK flag',
    rules: ['R9293-L14'],
    core: sends((segment) => {
      if (segment.flags & FIN) segment.flags &= ~ACK;
    }),
  },
  {
    id: 'ack-flag-missing-on-text',
    breaks: 'text leaves without the ACK flag',
    rules: ['R9293-L14'],
    core: sends((segment) => {
      if (segment.payload.length > 0) segment.flags &= ~ACK;
    }),
  },
  {
    id: 'segments-without-ack-taken',
    breaks: 'segments without the ACK flag are processed',
    rules: ['R9293-L17'],
    core: () => ({ needsAck: () => false }),
  },
  {
    id: 'segments-without-ack-answered',
    breaks: 'a segment without the ACK flag is taken as if it acknowledged everything',
    rules: ['R9293-L17'],
    core: mistakes((segment, tcb) => {
      if (tcb === undefined || segment.flags & (ACK | RST | SYN)) return;
      segment.flags |= ACK;
      segment.ack = tcb.sndUna;
    }),
  },
  {
    id: 'data-offset-ignored',
    breaks: 'text is taken from behind the fixed header, options and all',
    rules: ['MUST-5'],
    host: () => ({
      decode(bytes, packet) {
        const segment = usualHost.decode(bytes, packet);
        if (typeof segment === 'string' || segment.flags & SYN || segment.payload.length === 0)
          return segment;
        return { ...segment, payload: bytes.subarray(packet.payloadStart + 20, packet.payloadEnd) };
      },
    }),
  },
  {
    id: 'window-edge-open',
    breaks: 'a segment that begins at the right edge of the window is acceptable',
    rules: ['R9293-L5'],
    core: () => ({
      acceptable: (tcb, seq, length) => usual.acceptable(tcb, seq, length) || seq === tcb.rcvEdge,
    }),
  },
  {
    id: 'window-edge-narrow',
    breaks: 'the last octet of the window is taken for one beyond it',
    rules: ['R9293-L6', 'R9293-L5'],
    core: () => ({
      acceptable: (tcb, seq, length) =>
        usual.acceptable(tcb, seq, length) && !(length > 0 && seqAdd(seq, 1) === tcb.rcvEdge),
    }),
  },
  {
    id: 'window-unbounded',
    breaks: 'anything beyond RCV.NXT is acceptable, however far',
    rules: ['R9293-L5'],
    core: () => ({
      acceptable: (tcb, seq, length) => usual.acceptable(tcb, seq, length) || seqLeq(tcb.rcvNxt, seq),
    }),
  },
];
