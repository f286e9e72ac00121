import { ACK, CE, CWR, ECE, SYN } from '../../../tcp-lite/core/flags.js';
import { mistakes, sends } from '../means.js';
import type { Mutant } from '../mutant.js';

/** RFC 3168: ECN. */
export const ecnMutants: Mutant[] = [
  {
    id: 'ecn-accepted-unasked',
    breaks: 'the SYN, ACK accepts ECN that nobody asked for',
    rules: ['SHLD-8'],
    cases: ['ecn-not-asked-for'],
    core: sends((segment) => {
      if ((segment.flags & (SYN | ACK)) === (SYN | ACK)) segment.flags |= ECE;
    }),
  },
  {
    id: 'ecn-not-echoed',
    breaks: 'a mark of congestion is not echoed',
    rules: ['SHLD-8'],
    core: mistakes((segment) => {
      if (segment.ecn === CE) segment.ecn = 0;
    }),
  },
  {
    id: 'ecn-not-accepted',
    breaks: 'the SYN, ACK does not answer an offer of ECN',
    rules: ['SHLD-8'],
    core: mistakes((segment) => {
      if (segment.flags & SYN) segment.flags &= ~(ECE | CWR);
    }),
  },
  {
    id: 'ecn-echoed-once',
    breaks: 'a mark of congestion is echoed once, not until CWR comes',
    rules: ['SHLD-8'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb !== undefined && segment.flags & ECE && (segment.flags & SYN) === 0) tcb.ecnEcho = false;
        return true;
      },
    }),
  },
];
