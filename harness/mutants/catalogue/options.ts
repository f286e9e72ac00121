import { RST, SYN } from '../../../tcp-lite/core/flags.js';
import { defaultMss } from '../../../tcp-lite/core/options.js';
import { decodes, deafTo, encodes, hasIpOptions, mistakes, sends, withOptions } from '../means.js';
import { type Mutant, usual, usualHost } from '../mutant.js';

const END = 0;
const NOP = 1;
const MSS = 2;
const KNOWN = new Set([END, NOP, MSS, 3, 4, 5, 8]);

/** RFC 9293 section 3.1 and 3.7.1: options of both headers and the size of segments. */
export const optionMutants: Mutant[] = [
  {
    id: 'nop-not-understood',
    breaks: 'options behind a NOP are not found',
    rules: ['MUST-4'],
    host: decodes((segment, raw) => (raw[0] === NOP ? { ...segment, options: {} } : segment)),
  },
  {
    id: 'end-of-options-not-understood',
    breaks: 'the end-of-options mark does not end the options',
    rules: ['MUST-4'],
    host: decodes((segment, raw) => {
      const end = raw.indexOf(END);
      const mss = end < 0 ? undefined : mssBehind(raw, end + 1);
      return mss === undefined ? segment : { ...segment, options: { ...segment.options, mss } };
    }),
  },
  {
    id: 'mss-misread',
    breaks: 'the octets of the MSS option are read in the wrong order',
    rules: ['MUST-4', 'MUST-14'],
    host: decodes((segment) => {
      const { mss } = segment.options;
      if (mss === undefined) return segment;
      return { ...segment, options: { ...segment.options, mss: ((mss & 255) << 8) | (mss >> 8) } };
    }),
  },
  {
    id: 'options-only-on-syn',
    breaks: 'segments other than SYN are dropped when they carry options that it does not know',
    rules: ['MUST-5', 'MUST-6'],
    host: decodes((segment, raw) =>
      (segment.flags & SYN) === 0 && hasUnknown(raw) ? 'tcp-malformed' : segment,
    ),
  },
  {
    id: 'options-refused-on-reset',
    breaks: 'a reset that carries options is dropped',
    rules: ['MUST-5'],
    host: decodes((segment, raw) => (segment.flags & RST && raw.length > 0 ? 'tcp-malformed' : segment)),
  },
  {
    id: 'unknown-option-ends-the-walk',
    breaks: 'options behind one that it does not know are not found',
    rules: ['MUST-6'],
    host: decodes((segment, raw) => (hasUnknown(raw) ? { ...segment, options: {} } : segment)),
  },
  {
    id: 'unknown-option-refused-on-syn',
    breaks: 'a SYN with an option that it does not know is dropped',
    rules: ['MUST-6'],
    host: decodes((segment, raw) => (segment.flags & SYN && hasUnknown(raw) ? 'tcp-malformed' : segment)),
  },
  {
    id: 'illegal-option-stops-it',
    breaks: 'after an option of illegal length it takes nothing any more',
    rules: ['MUST-7'],
    host: () => {
      let stopped = false;
      return {
        decode(bytes, packet) {
          const segment = usualHost.decode(bytes, packet);
          if (typeof segment === 'string') return segment;
          const start = packet.payloadStart;
          stopped ||= !walks(bytes.subarray(start + 20, start + (bytes[start + 12]! >>> 4) * 4));
          return stopped ? 'tcp-malformed' : segment;
        },
      };
    },
  },
  {
    id: 'options-at-words-only',
    breaks: 'options that do not begin on a word are not found',
    rules: ['MUST-64'],
    host: decodes((segment, raw) => {
      const at = raw.indexOf(MSS);
      const stamps = raw.findIndex((kind, index) => kind === 8 && raw[index + 1] === 10);
      const moved = (at >= 0 && at % 4 !== 0) || (stamps >= 0 && stamps % 4 !== 2 && stamps % 4 !== 0);
      return moved ? { ...segment, options: {} } : segment;
    }),
  },
  {
    id: 'mss-sent-on-text',
    breaks: 'the MSS option is sent on every segment',
    rules: ['MUST-65'],
    core: sends((segment) => {
      if ((segment.flags & (SYN | RST)) === 0) withOptions(segment, (options) => (options.mss = 1400));
    }),
  },
  {
    id: 'option-length-wrong',
    breaks: 'the window scale option that it sends has a length of 2',
    rules: ['MUST-68'],
    host: encodes(({ bytes, start }, segment) => {
      const end = start + (bytes[start + 12]! >>> 4) * 4;
      if (segment.options.windowScale !== undefined) bytes[end - 2] = 2;
    }),
  },
  {
    id: 'option-padding-not-zero',
    breaks: 'what follows the end of options in its header is not zero',
    rules: ['MUST-69'],
    host: encodes(({ bytes, start }, segment) => {
      const end = start + (bytes[start + 12]! >>> 4) * 4;
      if (segment.options.windowScale !== undefined) bytes.set([END, 7, 7, 7], end - 4);
    }),
  },
  {
    id: 'mss-not-sent',
    breaks: 'no MSS option is sent',
    rules: ['MUST-14', 'SHLD-5'],
    core: sends((segment) => {
      if (segment.flags & SYN) withOptions(segment, (options) => delete options.mss);
    }),
  },
  {
    id: 'mss-ignored',
    breaks: "the peer's MSS option is ignored",
    rules: ['MUST-14', 'MUST-16'],
    core: () => ({
      effectiveMss: (tcb) => tcb.pathMtu - (tcb.version === 4 ? 40 : 60) - (tcb.timestamps ? 12 : 0),
    }),
  },
  {
    id: 'mss-one-too-many',
    breaks: 'segments are one octet larger than the peer takes',
    rules: ['MUST-14', 'MUST-16'],
    core: () => ({
      effectiveMss: (tcb) => usual.effectiveMss(tcb) + 1,
    }),
  },
  {
    id: 'mss-zero-refused',
    breaks: 'a SYN with an MSS of 0 is dropped',
    rules: ['MUST-14'],
    cases: ['mss-nonsense'],
    core: deafTo(({ flags, options }) => flags & SYN && options.mss === 0),
  },
  {
    id: 'mss-default-too-large',
    breaks: 'a peer without an MSS option is sent segments of 1,460 octets',
    rules: ['MUST-15'],
    core: mistakes((segment) => {
      if (segment.flags & SYN && segment.options.mss === undefined)
        withOptions(segment, (options) => (options.mss = 1460));
    }),
  },
  {
    id: 'mss-default-one-too-many',
    breaks: 'the default MSS is one too large',
    rules: ['MUST-15'],
    core: mistakes((segment) => {
      if (segment.flags & SYN && segment.options.mss === undefined)
        withOptions(segment, (options) => (options.mss = defaultMss(segment.version) + 1));
    }),
  },
  {
    id: 'mss-without-options',
    breaks: 'options are not counted in the size of segments',
    rules: ['MUST-16'],
    core: () => ({
      effectiveMss: (tcb) => usual.effectiveMss(tcb) + (tcb.timestamps ? 12 : 0),
    }),
  },
  {
    id: 'mss-above-what-the-link-carries',
    breaks: 'it offers an MSS that the link cannot carry',
    rules: ['MUST-67'],
    core: sends((segment) => {
      if (segment.flags & SYN) withOptions(segment, (options) => (options.mss = (options.mss ?? 536) + 40));
    }),
  },
  {
    id: 'mss-one-above-the-link',
    breaks: 'it offers an MSS one octet larger than the link carries',
    rules: ['MUST-67'],
    core: sends((segment) => {
      if (segment.flags & SYN) withOptions(segment, (options) => (options.mss = (options.mss ?? 536) + 1));
    }),
  },
  {
    id: 'ip-options-refused',
    breaks: 'packets with IP options are dropped',
    rules: ['MUST-50'],
    host: () => ({
      decode: (bytes, packet) => (hasIpOptions(packet) ? 'tcp-malformed' : usualHost.decode(bytes, packet)),
    }),
  },
  {
    id: 'ip-options-refused-on-text',
    breaks: 'text in packets with IP options is dropped',
    rules: ['MUST-50'],
    host: () => ({
      decode(bytes, packet) {
        const segment = usualHost.decode(bytes, packet);
        if (typeof segment === 'string' || !hasIpOptions(packet)) return segment;
        return segment.payload.length > 0 ? 'tcp-malformed' : segment;
      },
    }),
  },
  {
    id: 'traffic-class-refused',
    breaks: 'packets with a DSCP are dropped',
    rules: ['MUST-5'],
    cases: ['ip-header-indifferent'],
    core: deafTo(({ dscp }) => dscp !== 0),
  },
];

function hasUnknown(raw: Uint8Array): boolean {
  for (let at = 0; at < raw.length && raw[at] !== END;) {
    if (!KNOWN.has(raw[at]!)) return true;
    at += raw[at] === NOP ? 1 : Math.max(2, raw[at + 1] ?? 2);
  }
  return false;
}

/** Does the walk end exactly at the end of the header? */
function walks(raw: Uint8Array): boolean {
  for (let at = 0; at < raw.length && raw[at] !== END;) {
    const length = raw[at] === NOP ? 1 : (raw[at + 1] ?? 0);
    if (length < 1 || (raw[at] !== NOP && length < 2) || at + length > raw.length) return false;
    at += length;
  }
  return true;
}

function mssBehind(raw: Uint8Array, from: number): number | undefined {
  for (let at = from; at + 4 <= raw.length; at++) {
    if (raw[at] === MSS && raw[at + 1] === 4) return (raw[at + 2]! << 8) | raw[at + 3]!;
  }
  return undefined;
}
