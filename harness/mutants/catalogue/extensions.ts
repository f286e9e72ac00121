import { ACK, CE, CWR, ECE, FIN, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { terminate } from '../../../tcp-lite/core/ending.js';
import { sendAck } from '../../../tcp-lite/core/segment-out.js';
import { seqDiff, seqLeq } from '../../../tcp-lite/core/seq.js';
import { deafTo, mistakes, reacts, sends, withOptions } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 7323 and RFC 3168: window scaling, timestamps, PAWS, ECN. */
export const extensionMutants: Mutant[] = [
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
  {
    id: 'stamps-offered-to-nobody',
    breaks: 'the SYN, ACK carries a timestamp though the SYN did not',
    rules: ['RFC7323-3.2a'],
    core: sends((segment) => {
      if ((segment.flags & (SYN | ACK)) === (SYN | ACK))
        withOptions(segment, (options) => {
          options.tsVal ??= 1;
          options.tsEcr ??= 0;
        });
    }),
  },
  {
    id: 'stamps-not-on-acks',
    breaks: 'ACKs without text carry no timestamp',
    rules: ['RFC7323-3.2b'],
    core: sends((segment) => {
      if (segment.flags === ACK && segment.payload.length === 0) dropStamps(segment);
    }),
  },
  {
    id: 'stamps-not-on-fin',
    breaks: 'the FIN carries no timestamp',
    rules: ['RFC7323-3.2b'],
    core: sends((segment) => {
      if (segment.flags & FIN) dropStamps(segment);
    }),
  },
  {
    id: 'stamps-though-refused',
    breaks: 'segments carry timestamps though the peer sent none in its SYN',
    rules: ['RFC7323-3.2a'],
    cases: ['timestamps-refused'],
    core: sends((segment, tcb) => {
      if (tcb !== undefined && (segment.flags & SYN) === 0)
        withOptions(segment, (options) => {
          options.tsVal ??= 1;
          options.tsEcr ??= 0;
        });
    }),
  },
  {
    id: 'missing-stamp-taken',
    breaks: 'text without a timestamp is taken though timestamps are in use',
    rules: ['RFC7323-3.2c'],
    core: () => ({ dropsMissingTimestamp: () => false }),
  },
  {
    id: 'missing-stamp-answered',
    breaks: 'text without a timestamp draws an ACK though timestamps are in use',
    rules: ['RFC7323-3.2c'],
    core: reacts((segment, tcb, now) => {
      if (!tcb.timestamps || segment.flags & (RST | SYN) || segment.options.tsVal !== undefined) return false;
      sendAck(tcb, now);
      return true;
    }),
  },
  {
    id: 'missing-stamp-aborts',
    breaks: 'a segment without a timestamp ends a connection that uses them',
    rules: ['RFC7323-3.2d'],
    core: reacts((segment, tcb) => {
      if (!tcb.timestamps || segment.flags & (RST | SYN) || segment.options.tsVal !== undefined) return false;
      terminate(tcb);
      return true;
    }),
  },
  {
    id: 'unwanted-stamps-count',
    breaks: 'timestamps that were not agreed on are tested as if they were',
    rules: ['RFC7323-3.2e'],
    core: deafTo((segment, tcb) => {
      const { tsVal } = segment.options;
      return tcb !== undefined && !tcb.timestamps && tsVal !== undefined && (segment.flags & SYN) === 0;
    }),
  },
  {
    id: 'echo-in-syn',
    breaks: 'the SYN echoes a timestamp that nobody sent',
    rules: ['RFC7323-3.2f'],
    core: sends((segment) => {
      if ((segment.flags & (SYN | ACK)) === SYN && segment.options.tsVal !== undefined)
        withOptions(segment, (options) => (options.tsEcr = 12_345));
    }),
  },
  {
    id: 'echo-zero',
    breaks: 'no timestamp is ever echoed',
    rules: ['RFC7323-3.2g'],
    core: sends((segment) => {
      if (segment.options.tsVal !== undefined) withOptions(segment, (options) => (options.tsEcr = 0));
    }),
  },
  {
    id: 'echo-of-the-syn',
    breaks: 'the timestamp of the SYN is echoed for ever',
    rules: ['RFC7323-3.2g', 'RFC7323-4.3C'],
    core: () => ({ updatesTsRecent: () => false }),
  },
  {
    id: 'stamps-stand-still',
    breaks: 'every segment carries the same timestamp',
    rules: ['RFC7323-4.1'],
    core: () => {
      let first: number | undefined;
      return {
        beforeTransmit(segment) {
          const { tsVal } = segment.options;
          if (tsVal !== undefined && tsVal !== 0)
            withOptions(segment, (options) => (options.tsVal = first ??= tsVal));
          return true;
        },
      };
    },
  },
  {
    id: 'stamps-run-backwards',
    breaks: 'the clock of timestamps runs backwards',
    rules: ['RFC7323-4.1'],
    core: sends((segment, tcb) => {
      const { tsVal } = segment.options;
      if (tcb !== undefined && tsVal !== undefined)
        withOptions(segment, (options) => (options.tsVal = (2 * tcb.tsOffset - tsVal) >>> 0));
    }),
  },
  {
    id: 'stamps-too-fast',
    breaks: 'the clock of timestamps ticks every 10 us',
    rules: ['RFC7323-4.1'],
    core: sends((segment, tcb) => {
      const { tsVal } = segment.options;
      if (tcb !== undefined && tsVal !== undefined)
        withOptions(segment, (options) => (options.tsVal = (seqDiff(tsVal, tcb.tsOffset) * 100) >>> 0));
    }),
  },
  {
    id: 'echo-of-the-newest',
    breaks: 'an ACK echoes the timestamp of the newest segment, in order or not',
    rules: ['RFC7323-4.3A', 'RFC7323-4.3B', 'RFC7323-5.3R3'],
    core: () => ({ updatesTsRecent: (tcb, _seq, tsVal) => seqDiff(tsVal, tcb.tsRecent) >= 0 }),
  },
  {
    id: 'echo-of-the-last-in-order',
    breaks: 'a delayed ACK echoes the timestamp of the last segment that it covers',
    rules: ['RFC7323-4.3A'],
    core: () => ({
      updatesTsRecent: (tcb, seq, tsVal) => seqLeq(seq, tcb.rcvNxt) && seqDiff(tsVal, tcb.tsRecent) >= 0,
    }),
  },
  {
    id: 'echo-of-any-old-stamp',
    breaks: 'an older timestamp takes the place of a newer one',
    rules: ['RFC7323-5.3R1', 'RFC7323-5.3R3'],
    core: mistakes((segment, tcb) => {
      const { tsVal } = segment.options;
      if (tcb?.timestamps === true && tsVal !== undefined && (segment.flags & RST) === 0)
        tcb.tsRecent = tsVal;
    }),
  },
  {
    id: 'reset-without-stamp',
    breaks: 'a reset that answers a segment with a timestamp has none',
    rules: ['RFC7323-5.2a'],
    core: sends((segment, tcb) => {
      if (tcb === undefined && segment.flags & RST) dropStamps(segment);
    }),
  },
  {
    id: 'paws-for-resets',
    breaks: 'a reset with an old timestamp is dropped',
    rules: ['RFC7323-5.2b'],
    core: deafTo((segment, tcb) => {
      const { tsVal } = segment.options;
      return (
        tcb?.timestamps === true &&
        segment.flags & RST &&
        tsVal !== undefined &&
        seqDiff(tsVal, tcb.tsRecent) < 0
      );
    }),
  },
  {
    id: 'paws-rejects-leaps',
    breaks: 'a timestamp far ahead of the last is taken for an old one',
    rules: ['RFC7323-5.3R1'],
    cases: ['paws-newer'],
    core: deafTo((segment, tcb) => {
      const { tsVal } = segment.options;
      return tcb?.timestamps === true && tsVal !== undefined && seqDiff(tsVal, tcb.tsRecent) > 100_000;
    }),
  },
  {
    id: 'paws-ignored',
    breaks: 'segments with old timestamps are taken',
    rules: ['RFC7323-5.3R1'],
    core: () => ({ pawsRejects: () => false }),
  },
  {
    id: 'paws-silent',
    breaks: 'a segment with an old timestamp is dropped in silence',
    rules: ['RFC7323-5.3R1', 'RFC7323-5.3P'],
    core: deafTo((segment, tcb) => {
      const { tsVal } = segment.options;
      return (
        tcb?.timestamps === true &&
        tcb.state === 'ESTABLISHED' &&
        (segment.flags & (RST | SYN)) === 0 &&
        tsVal !== undefined &&
        usual.pawsRejects(tcb, tsVal, 0)
      );
    }),
  },
  {
    id: 'paws-after-the-sequence-test',
    breaks: 'a segment outside the window updates the timestamp to be echoed',
    rules: ['RFC7323-5.3P', 'RFC7323-5.3R3'],
    core: mistakes((segment, tcb) => {
      const { tsVal } = segment.options;
      if (tcb?.timestamps !== true || tsVal === undefined || segment.flags & (RST | SYN)) return;
      if (!usual.acceptable(tcb, segment.seq, segment.payload.length)) tcb.tsRecent = tsVal;
    }),
  },
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

function dropStamps(segment: Parameters<typeof usual.beforeTransmit>[0]): void {
  withOptions(segment, (options) => {
    delete options.tsVal;
    delete options.tsEcr;
  });
}
