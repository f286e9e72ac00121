import { terminate } from '../../../tcp-lite/core/ending.js';
import { establish } from '../../../tcp-lite/core/establish.js';
import { ACK, FIN, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { seqAdd } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import { deafTo, mistakes, mute, reacts, sends } from '../means.js';
import type { Mutant } from '../mutant.js';

/** RFC 9293 sections 3.4.1, 3.5 and 3.9.1: initial sequence numbers, opening, addresses and code point. */
export const openingMutants: Mutant[] = [
  {
    id: 'iss-constant',
    breaks: 'every connection begins with the same sequence number',
    rules: ['MUST-8', 'SHLD-1', 'RFC6528-3a'],
    core: () => ({ iss: () => 12_345 }),
  },
  {
    id: 'iss-without-clock',
    breaks: 'the initial sequence number of a pair of sockets is always the same',
    rules: ['MUST-8', 'RFC6528-3a'],
    core: () => ({ iss: (hash) => hash }),
  },
  {
    id: 'iss-backwards',
    breaks: 'the clock of initial sequence numbers runs backwards',
    rules: ['MUST-8', 'RFC6528-3a'],
    core: () => ({ iss: (hash, now) => (hash - Math.floor(now * 250)) >>> 0 }),
  },
  {
    id: 'iss-without-hash',
    breaks: 'the initial sequence number is the clock alone',
    rules: ['SHLD-1', 'RFC6528-3a'],
    core: () => ({ iss: (_hash, now) => Math.floor(now * 250) >>> 0 }),
  },
  {
    id: 'reopened-below-the-old-numbers',
    breaks: 'a connection that takes the place of one in TIME-WAIT begins below its numbers',
    rules: ['RFC6528-3c'],
    core: () => {
      let highest: number | undefined;
      return {
        beforeArrival(segment, tcb) {
          if (tcb?.state === 'TIME-WAIT') highest = tcb.sndMax;
          return true;
        },
        beforeTransmit(segment, tcb) {
          if (tcb?.state === 'SYN-RECEIVED' && highest !== undefined) {
            const iss = seqAdd(highest, -50_000);
            if (tcb.iss !== iss) moveIss(tcb, iss);
            segment.seq = iss;
          }
          return true;
        },
      };
    },
  },
  {
    id: 'crossing-syn-ignored',
    breaks: 'a SYN that crosses its own is ignored',
    rules: ['MUST-10'],
    core: deafTo(({ flags }, tcb) => tcb?.state === 'SYN-SENT' && (flags & (SYN | ACK)) === SYN),
  },
  {
    id: 'crossing-syn-renumbered',
    breaks: 'the SYN, ACK that answers a crossing SYN has a new sequence number',
    rules: ['MUST-10'],
    core: sends((segment, tcb) => {
      if (tcb?.state === 'SYN-RECEIVED' && tcb.listener === undefined && segment.flags & SYN)
        segment.seq = seqAdd(segment.seq, 1);
    }),
  },
  {
    id: 'crossing-syn-ack-not-repeated',
    breaks: 'the SYN, ACK that answers a crossing SYN is sent once only',
    rules: ['MUST-10'],
    core: () => {
      let sent = false;
      return {
        beforeTransmit(segment, tcb) {
          if (tcb?.state !== 'SYN-RECEIVED' || tcb.listener !== undefined) return true;
          const again = sent;
          sent = true;
          return !again;
        },
      };
    },
  },
  {
    id: 'passive-origin-forgotten',
    breaks: 'a reset of a half-open connection takes its listener with it',
    rules: ['MUST-11'],
    core: reacts((segment, tcb) => {
      if (tcb.state !== 'SYN-RECEIVED' || (segment.flags & RST) === 0) return false;
      const { listener } = tcb;
      terminate(tcb);
      listener?.close();
      return true;
    }),
  },
  {
    id: 'active-origin-forgotten',
    breaks: 'a reset in SYN-RECEIVED does not end an attempt that the application made',
    rules: ['MUST-11'],
    core: deafTo(
      ({ flags }, tcb) => tcb?.state === 'SYN-RECEIVED' && tcb.listener === undefined && flags & RST,
    ),
  },
  {
    id: 'refused-attempt-not-told',
    breaks: 'the application is not told that its attempt was refused',
    rules: ['MUST-11'],
    core: reacts((segment, tcb) => {
      if (tcb.state !== 'SYN-RECEIVED' || tcb.listener !== undefined || (segment.flags & RST) === 0)
        return false;
      tcb.closedReported = true;
      terminate(tcb);
      return true;
    }),
  },
  {
    id: 'half-open-fin-ignored',
    breaks: 'the FIN of the segment that completes the handshake is lost',
    rules: ['MUST-11'],
    cases: ['half-open-fin'],
    core: mistakes((segment, tcb) => {
      if (tcb?.state === 'SYN-RECEIVED') segment.flags &= ~FIN;
    }),
  },
  {
    id: 'text-of-syn-delivered-early',
    breaks: 'a SYN with text opens the connection at once',
    rules: ['R9293-L15'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb?.state === 'SYN-RECEIVED' && tcb.heldSegment !== undefined) establish(tcb, tcb.lastHeardAt);
        return true;
      },
    }),
  },
  {
    id: 'text-of-syn-garbled',
    breaks: 'the text of a SYN is delivered without its first octet',
    rules: ['R9293-L15'],
    core: mistakes((segment) => {
      if ((segment.flags & (SYN | ACK)) === SYN && segment.payload.length > 0)
        segment.payload = Uint8Array.from(segment.payload, (octet, index) => (index === 0 ? 0 : octet));
    }),
  },
  {
    id: 'text-of-syn-ack-twice',
    breaks: 'the text of a SYN, ACK is acknowledged and lost',
    rules: ['R9293-L15'],
    core: mistakes((segment) => {
      if ((segment.flags & (SYN | ACK)) === (SYN | ACK))
        segment.payload = new Uint8Array(segment.payload.length);
    }),
  },
  {
    id: 'syn-ack-not-repeated',
    breaks: 'the SYN, ACK is sent once only',
    rules: ['RFC6298-2.1', 'MUST-18'],
    core: () => {
      let sent = false;
      return {
        beforeTransmit(segment, tcb) {
          if (tcb?.state !== 'SYN-RECEIVED' || tcb.listener === undefined) return true;
          const again = sent;
          sent = true;
          return !again;
        },
      };
    },
  },
  {
    id: 'closed-listener-takes-its-connections',
    breaks: 'a connection ends with the listener that it came from',
    rules: ['MUST-41'],
    core: deafTo((_segment, tcb) => tcb?.state === 'ESTABLISHED' && tcb.listener?.closed === true),
  },
  {
    id: 'one-half-open-connection',
    breaks: 'while a connection is half-open no other SYN is taken',
    rules: ['MUST-42'],
    core: () => {
      let halfOpen: Tcb | undefined;
      return {
        beforeArrival: (segment, tcb) =>
          tcb !== undefined || (segment.flags & SYN) === 0 || halfOpen?.state !== 'SYN-RECEIVED',
        beforeTransmit(_segment, tcb) {
          if (tcb?.state === 'SYN-RECEIVED') halfOpen = tcb;
          return true;
        },
      };
    },
  },
  {
    id: 'local-address-changes',
    breaks: 'segments with text come from another address',
    rules: ['MUST-45'],
    core: sends((segment) => {
      if (segment.payload.length > 0) segment.src = segment.version === 4 ? '10.0.0.77' : 'fd00::77';
    }),
  },
  {
    id: 'local-address-changes-on-fin',
    breaks: 'the FIN comes from another address',
    rules: ['MUST-45'],
    core: sends((segment) => {
      if (segment.flags & FIN) segment.src = segment.version === 4 ? '10.0.0.77' : 'fd00::77';
    }),
  },
  {
    id: 'connects-to-anybody',
    breaks: 'OPEN takes any remote address',
    rules: ['MUST-46'],
    core: () => ({ mayConnect: () => true }),
  },
  {
    id: 'connects-to-multicast',
    breaks: 'OPEN takes multicast addresses',
    rules: ['MUST-46'],
    core: () => ({
      mayConnect: (_version, address) => address !== '255.255.255.255' && !address.startsWith('0.'),
    }),
  },
  {
    id: 'dscp-ignored',
    breaks: 'the code point that the application asked for is ignored',
    rules: ['MUST-48', 'SHLD-22', 'SHLD-21'],
    core: sends((segment) => {
      segment.dscp = 0;
    }),
  },
  {
    id: 'dscp-not-on-acks',
    breaks: 'segments without text have no code point',
    rules: ['MUST-48', 'SHLD-22'],
    core: sends((segment) => {
      if (segment.payload.length === 0) segment.dscp = 0;
    }),
  },
  {
    id: 'dscp-cut',
    breaks: 'the lowest bit of the code point is lost',
    rules: ['SHLD-22'],
    core: sends((segment) => {
      segment.dscp &= 62;
    }),
  },
  {
    id: 'dscp-fixed',
    breaks: 'the code point of the first segment stays',
    rules: ['SHLD-21'],
    core: () => {
      let first: number | undefined;
      return {
        beforeTransmit(segment) {
          segment.dscp = first ??= segment.dscp;
          return true;
        },
      };
    },
  },
  {
    id: 'late-syn-ack-not-reset',
    breaks: 'a SYN, ACK for an attempt that was given up draws nothing',
    rules: ['R9293-L11'],
    core: deafTo(({ flags }, tcb) => tcb === undefined && (flags & (SYN | ACK)) === (SYN | ACK)),
  },
  {
    id: 'given-up-attempt-numbered-wrong',
    breaks: 'the reset for an attempt that was given up has the number of the SYN',
    rules: ['R9293-L11'],
    core: sends((segment, tcb) => {
      if (tcb === undefined && segment.flags & RST && (segment.flags & ACK) === 0)
        segment.seq = seqAdd(segment.seq, -1);
    }),
  },
  {
    id: 'syn-not-repeated',
    breaks: 'the SYN is sent once only',
    rules: ['R9293-U10', 'MUST-22'],
    core: () => {
      let sent = false;
      return {
        beforeTransmit(segment, tcb) {
          if (tcb?.state !== 'SYN-SENT') return true;
          const again = sent;
          sent = true;
          return !again;
        },
      };
    },
  },
  {
    id: 'syn-retried-once',
    breaks: 'an attempt is given up after 2.5 s',
    rules: ['R9293-U10', 'MUST-23', 'MUST-22'],
    core: () => ({ r2Ms: (tcb) => (tcb.state === 'SYN-SENT' ? 2500 : tcb.settings.userTimeoutMs) }),
  },
  {
    id: 'handshake-ack-missing',
    breaks: 'the ACK that completes an active open is not sent',
    rules: ['R9293-U1', 'MUST-11'],
    cases: ['state-syn-sent[synack_ok]'],
    core: mute(
      ({ flags, payload }, tcb) =>
        tcb?.state === 'ESTABLISHED' && tcb.listener === undefined && flags === ACK && payload.length === 0,
    ),
  },
];

function moveIss(tcb: Tcb, iss: number): void {
  tcb.iss = iss;
  tcb.sndUna = iss;
  tcb.sndNxt = seqAdd(iss, 1);
  tcb.sndMax = tcb.sndNxt;
  tcb.sendBase = tcb.sndNxt;
}
