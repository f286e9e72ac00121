import { ACK, FIN, RST, SYN } from '../../../tcp-lite/core/flags.js';
import { terminate } from '../../../tcp-lite/core/ending.js';
import { sendAck } from '../../../tcp-lite/core/segment-out.js';
import { seqDiff, seqLeq } from '../../../tcp-lite/core/seq.js';
import { deafTo, mistakes, reacts, sends, withOptions } from '../means.js';
import { type Mutant, usual } from '../mutant.js';

/** RFC 7323 sections 3 to 5: timestamps and PAWS. */
export const timestampMutants: Mutant[] = [
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
];

function dropStamps(segment: Parameters<typeof usual.beforeTransmit>[0]): void {
  withOptions(segment, (options) => {
    delete options.tsVal;
    delete options.tsEcr;
  });
}
