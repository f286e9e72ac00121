import { seqAdd } from '../../../tcp-lite/core/seq.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import { giveUp, sends } from '../means.js';
import type { Mutant } from '../mutant.js';

/** RFC 9293 section 3.8.4: keep-alives. */
export const keepAliveMutants: Mutant[] = [
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
];

function isProbe(seq: number, tcb: Tcb): boolean {
  return tcb.keepAliveProbes > 0 && seq === seqAdd(tcb.sndNxt, -1) && tcb.sndUna === tcb.sndNxt;
}
