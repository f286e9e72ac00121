import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../dissect/packet.js';
import { didYouMean } from './did-you-mean.js';
import { GrammarProblem } from './grammar-problem.js';
import { quoted } from './cursor.js';

/** Which flags must be set; bits of `ignore` are not judged, all others must be clear. */
export interface FlagPattern {
  set: number;
  ignore: number;
}

/** The three bits that have no name; Wireshark shows `Reserved` for any of them. */
const RESERVED = 0xe00;

/** Names as Wireshark shows them, and NS, as versions before 4.0 call AE. */
export const FLAG_BITS: Readonly<Record<string, number>> = {
  FIN,
  SYN,
  RST,
  PSH,
  ACK,
  URG,
  ECE,
  CWR,
  AE,
  NS: AE,
  RESERVED,
};

const TCPDUMP_BITS: Readonly<Record<string, number>> = {
  S: SYN,
  F: FIN,
  R: RST,
  P: PSH,
  '.': ACK,
  U: URG,
  E: ECE,
  W: CWR,
  e: AE,
};

export const FLAGS_HELP = `${Object.keys(FLAG_BITS)
  .filter((name) => name !== 'NS' && name !== 'RESERVED')
  .join(', ')}, each also as !NAME (must be clear) or ?NAME (not judged), <None>, or tcpdump's S . P F R`;

/**
 * Reads what stands between the brackets: `SYN, ACK`, `ACK, !PSH`, `S.`, `<None>`. Flags are exact; PSH is judged only
 * where it is named. Problems carry indices into `text`, moved by `at`. Throws GrammarProblem.
 */
export function parseFlags(text: string, at = 0): FlagPattern {
  const trimmed = text.trim();
  if (/^<?none>?$/i.test(trimmed)) return { set: 0, ignore: PSH };
  if (isTcpdump(trimmed))
    return patternOf([...trimmed].map((letter) => ({ sign: '', bit: TCPDUMP_BITS[letter] ?? 0 })));
  const parts: FlagPart[] = [];
  for (const match of text.matchAll(/([^,\s]+)/g)) {
    const word = match[1] ?? '';
    const sign = /^[!?]/.exec(word)?.[0] ?? '';
    const name = word.slice(sign.length).toUpperCase();
    if (!Object.hasOwn(FLAG_BITS, name))
      throw unknownFlag(word.slice(sign.length), at + match.index + sign.length);
    const bit = FLAG_BITS[name] ?? 0;
    if (parts.some((part) => part.bit === bit)) {
      throw new GrammarProblem(
        at + match.index,
        word.length,
        `the flag ${quoted(name)} a second time`,
        'each flag once',
      );
    }
    parts.push({ sign, bit });
  }
  if (parts.length === 0) {
    throw new GrammarProblem(
      at,
      Math.max(1, text.length),
      'no flag',
      FLAGS_HELP,
      'write [<None>] for no flag at all',
    );
  }
  return patternOf(parts);
}

/** The exact flags of a segment to send: nothing is ignored, so `[ACK]` is sent without PSH. */
export function sentFlags(pattern: FlagPattern): FlagPattern {
  return { set: pattern.set, ignore: 0 };
}

interface FlagPart {
  sign: string;
  bit: number;
}

function patternOf(parts: readonly FlagPart[]): FlagPattern {
  let set = 0;
  let ignore = 0;
  let named = 0;
  for (const { sign, bit } of parts) {
    named |= bit;
    // Which of the reserved bits are set is judged by tcp.flags.res.
    if (sign === '?' || (sign === '' && bit === RESERVED)) ignore |= bit;
    else if (sign === '') set |= bit;
  }
  return { set, ignore: named & PSH ? ignore : ignore | PSH };
}

/** One group of tcpdump's letters; a lone "F" or "S" too, which is no word of Wireshark's. */
function isTcpdump(text: string): boolean {
  return /^[SFRPUEWe]*\.?[UEWe]*$/.test(text) && text !== '' && new Set(text).size === text.length;
}

function unknownFlag(name: string, index: number): GrammarProblem {
  const close = didYouMean(name, Object.keys(FLAG_BITS));
  return new GrammarProblem(
    index,
    Math.max(1, name.length),
    `unknown flag ${quoted(name)}`,
    FLAGS_HELP,
    close === undefined ? undefined : `did you mean \`${close}\`?`,
  );
}
