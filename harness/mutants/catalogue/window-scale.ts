import { ACK, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { mistakes, sends, withOptions } from '../means.js';
import type { Mutant } from '../mutant.js';

/** RFC 7323 section 2: window scaling. */
export const windowScaleMutants: Mutant[] = [
  {
    id: 'scale-of-one-side',
    breaks: 'the windows that it announces are scaled though the peer did not offer scaling',
    rules: ['RFC7323-2.2a'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb !== undefined && !tcb.windowScaling && (segment.flags & (SYN | RST)) === 0)
          segment.window >>>= 3;
        return true;
      },
    }),
  },
  {
    id: 'scale-believed-without-own',
    breaks: "the peer's windows are scaled though no option was exchanged",
    rules: ['RFC7323-2.2a'],
    core: () => ({ windowFrom: (tcb, field) => field << (tcb.windowScaling ? tcb.sndScale : 2) }),
  },
  {
    id: 'scale-taken-from-text',
    breaks: 'a window scale option on any segment counts',
    rules: ['RFC7323-2.2b'],
    core: mistakes((segment, tcb) => {
      const { windowScale } = segment.options;
      if (tcb !== undefined && (segment.flags & SYN) === 0 && windowScale !== undefined)
        tcb.sndScale = windowScale;
    }),
  },
  {
    id: 'scale-of-syn-believed',
    breaks: "the window of the peer's SYN is scaled",
    rules: ['RFC7323-2.2c'],
    core: mistakes((segment) => {
      const { windowScale } = segment.options;
      if (segment.flags & SYN && windowScale !== undefined)
        segment.window = Math.min(65_535, segment.window << windowScale);
    }),
  },
  {
    id: 'scale-offered-to-nobody',
    breaks: 'the SYN, ACK carries a window scale option though the SYN did not',
    rules: ['RFC7323-2.2d'],
    core: sends((segment) => {
      if ((segment.flags & (SYN | ACK)) === (SYN | ACK))
        withOptions(segment, (options) => (options.windowScale ??= 0));
    }),
  },
  {
    id: 'scale-ignored',
    breaks: "the peer's windows are not scaled",
    rules: ['RFC7323-2.3a'],
    core: () => ({ windowFrom: (_tcb, field) => field }),
  },
  {
    id: 'scale-too-small',
    breaks: "the peer's windows are shifted one bit too little",
    rules: ['RFC7323-2.3a'],
    core: () => ({ windowFrom: (tcb, field) => field << Math.max(0, tcb.sndScale - 1) }),
  },
  {
    id: 'scale-not-applied',
    breaks: 'the windows that it announces are not shifted',
    rules: ['RFC7323-2.3b'],
    core: sends((segment, tcb) => {
      if (tcb?.windowScaling === true && (segment.flags & (SYN | RST)) === 0)
        segment.window = Math.min(65_535, segment.window << Math.max(1, tcb.rcvScale));
    }),
  },
  {
    id: 'scale-above-14-counts-as-none',
    breaks: 'a shift above 14 counts as 8',
    rules: ['RFC7323-2.3c'],
    core: mistakes((segment) => {
      const { windowScale } = segment.options;
      if (segment.flags & SYN && windowScale !== undefined && windowScale > 14)
        withOptions(segment, (options) => (options.windowScale = 8));
    }),
  },
  {
    id: 'scale-of-15-offered',
    breaks: 'it offers a shift of 15',
    rules: ['RFC7323-2.3c'],
    core: sends((segment) => {
      if (segment.flags & SYN && segment.options.windowScale !== undefined)
        withOptions(segment, (options) => (options.windowScale = 15));
    }),
  },
  {
    id: 'scale-rounding-refuses',
    breaks: 'what lay inside an earlier window, but not the one last announced, is refused',
    rules: ['RFC7323-2.4a'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (
          tcb !== undefined &&
          tcb.windowScaling &&
          (segment.flags & SYN) === 0 &&
          tcb.state === 'ESTABLISHED'
        )
          tcb.rcvEdge = (tcb.rcvNxt + ((segment.window << tcb.rcvScale) >>> 0)) >>> 0;
        return true;
      },
      mayPullBack: () => true,
    }),
  },
];
