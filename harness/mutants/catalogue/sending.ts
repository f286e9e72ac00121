import { PSH, SYN, URG } from '../../../tcp-lite/core/flags.js';
import type { Tcb } from '../../../tcp-lite/core/tcb.js';
import { sends } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 9293 sections 3.7.4, 3.8.5 and 3.9.1.2: what the sender sends, and when. */
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

const early = new WeakMap<Tcb, boolean>();

function withoutNoDelay(tcb: Tcb): Tcb {
  return Object.create(tcb, { settings: { value: { ...tcb.settings, noDelay: false } } }) as Tcb;
}
