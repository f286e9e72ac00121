import { PACKET_KINDS, STRIPPED_OPTIONS } from '../../netns/relay/rules.js';
import type {
  NumberRange,
  PacketKind,
  RelayAction,
  RelayRule,
  Selection,
  StrippedOption,
} from '../../netns/relay/rules.js';
import type { Role } from './model.js';
import { describe } from './describe.js';
import type { Reading } from './reading.js';
import { entryOf } from './yaml-node.js';
import type { MappingNode, YamlNode } from './yaml-node.js';

/** Keys that say which packets an impairment is about. */
export const IMPAIR_SELECTORS = ['from', 'packets', 'nth', 'port', 'longer-than'] as const;

/** Keys that say what happens to them, one in each impairment, with the keys that may stand beside. */
export const IMPAIR_ACTIONS = {
  drop: [],
  lose: ['seed'],
  delay: ['jitter', 'seed'],
  duplicate: [],
  reorder: [],
  corrupt: [],
  truncate: [],
  rate: ['queue'],
  strip: [],
  'clamp-mss': [],
  reset: [],
  translate: [],
  hops: [],
} as const satisfies Record<string, readonly string[]>;

export const KINDS = Object.keys(PACKET_KINDS) as PacketKind[];
export const STRIPPED = Object.keys(STRIPPED_OPTIONS) as StrippedOption[];
export const CORRUPTIONS = ['checksum', 'payload'] as const;

type ActionName = keyof typeof IMPAIR_ACTIONS;

const ACTIONS = Object.keys(IMPAIR_ACTIONS) as ActionName[];
const PARAMETERS = [...new Set<string>(Object.values(IMPAIR_ACTIONS).flat())];
const ROLES: readonly Role[] = ['client', 'server'];

/** One entry of `lab: { impair: [...] }`; undefined with a problem noted. */
export function readImpairment(reading: Reading, node: YamlNode): RelayRule | undefined {
  const { read } = reading;
  const mapping = read.mapping(node, 'an impairment: `{ from: client, packets: data, nth: 3, drop: true }`');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, [...IMPAIR_SELECTORS, ...ACTIONS, ...PARAMETERS]);
  const name = actionOf(reading, mapping);
  const select = readSelection(reading, mapping);
  if (name === undefined) return undefined;
  const value = entryOf(mapping, name);
  const action = value === undefined ? undefined : readAction(reading, name, value, mapping);
  return action === undefined ? undefined : { select, action };
}

function actionOf(reading: Reading, mapping: MappingNode): ActionName | undefined {
  const { problems } = reading;
  const keys = mapping.entries.map(({ key }) => key);
  const [first, second] = keys.filter((key) => (ACTIONS as string[]).includes(key.text));
  if (first === undefined) {
    problems.at(mapping, {
      found: 'an impairment that does nothing',
      expected: `one of ${ACTIONS.join(', ')}`,
    });
    return undefined;
  }
  const name = first.text as ActionName;
  if (second !== undefined) {
    problems.at(second, {
      found: `${describe(second)} beside \`${name}\``,
      expected: 'one action in each impairment',
      remedy: 'write two impairments: they are applied in their order',
    });
  }
  const beside: readonly string[] = IMPAIR_ACTIONS[name];
  for (const key of keys) {
    if (!PARAMETERS.includes(key.text) || beside.includes(key.text)) continue;
    const owners = ACTIONS.filter((action) =>
      (IMPAIR_ACTIONS[action] as readonly string[]).includes(key.text),
    );
    problems.at(key, {
      found: `\`${key.text}\` beside \`${name}\``,
      expected: `\`${key.text}\` only beside ${owners.map((owner) => `\`${owner}\``).join(' or ')}`,
    });
  }
  return name;
}

function readSelection(reading: Reading, mapping: MappingNode): Selection {
  const { read } = reading;
  const from = read.word(entryOf(mapping, 'from'), ROLES);
  const kinds = listOf(entryOf(mapping, 'packets')).flatMap((item) => read.word(item, KINDS) ?? []);
  const numbers = listOf(entryOf(mapping, 'nth')).flatMap((item) => readRange(reading, item) ?? []);
  const port = read.number(entryOf(mapping, 'port'), 1, 65535);
  const longerThan = read.number(entryOf(mapping, 'longer-than'), 20, 65535);
  return {
    ...(from === undefined ? {} : { from }),
    ...(kinds.length === 0 ? {} : { kinds }),
    ...(entryOf(mapping, 'nth') === undefined ? {} : { numbers }),
    ...(port === undefined ? {} : { port }),
    ...(longerThan === undefined ? {} : { longerThan }),
  };
}

function readAction(
  reading: Reading,
  name: ActionName,
  value: YamlNode,
  mapping: MappingNode,
): RelayAction | undefined {
  const { read } = reading;
  const seed = read.number(entryOf(mapping, 'seed'), 0, 2 ** 32 - 1) ?? 1;
  switch (name) {
    case 'drop':
      return isBare(value) ? { do: 'drop' } : read.wrong(value, '`true`, or nothing behind `drop`');
    case 'lose': {
      const share = readShare(reading, value);
      return share === undefined ? undefined : { do: 'lose', share, seed };
    }
    case 'delay': {
      const ms = read.duration(value);
      const jitterMs = read.duration(entryOf(mapping, 'jitter')) ?? 0;
      return ms === undefined ? undefined : { do: 'delay', ms, jitterMs, seed };
    }
    case 'duplicate': {
      const copies = isBare(value) ? 1 : read.number(value, 1, 100);
      return copies === undefined ? undefined : { do: 'duplicate', copies };
    }
    case 'reorder': {
      const by = isBare(value) ? 1 : read.number(value, 1, 1000);
      return by === undefined ? undefined : { do: 'reorder', by };
    }
    case 'corrupt': {
      const what = read.word(value, CORRUPTIONS);
      return what === undefined ? undefined : { do: 'corrupt', what };
    }
    case 'truncate': {
      const octets = read.number(value, 1, 65535);
      return octets === undefined ? undefined : { do: 'truncate', octets };
    }
    case 'rate': {
      const bitsPerSecond = readRate(reading, value);
      const queue = read.number(entryOf(mapping, 'queue'), 1, 10_000) ?? DEFAULT_QUEUE;
      return bitsPerSecond === undefined ? undefined : { do: 'rate', bitsPerSecond, queue };
    }
    case 'strip': {
      const options = listOf(value).flatMap((item) => read.word(item, STRIPPED) ?? []);
      return options.length === 0 ? undefined : { do: 'strip', options };
    }
    case 'clamp-mss': {
      const mss = read.number(value, 1, 65535);
      return mss === undefined ? undefined : { do: 'clamp-mss', mss };
    }
    case 'reset':
      return readReset(reading, value);
    case 'translate':
      return readTranslation(reading, value);
    case 'hops': {
      const count = read.number(value, 1, 255);
      return count === undefined ? undefined : { do: 'hops', count };
    }
  }
}

function readReset(reading: Reading, value: YamlNode): RelayAction | undefined {
  const { read } = reading;
  const plain: RelayAction = { do: 'reset', to: ROLES, ttl: DEFAULT_TTL, swallow: false };
  if (isBare(value)) return plain;
  const mapping = read.mapping(value, '`true`, or `{ to: client, ttl: 250, swallow: true }`');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, RESET_KEYS);
  const to = read.word(entryOf(mapping, 'to'), RESET_TARGETS) ?? 'both';
  return {
    ...plain,
    to: to === 'both' ? ROLES : [to],
    ttl: read.number(entryOf(mapping, 'ttl'), 1, 255) ?? DEFAULT_TTL,
    swallow: read.truth(entryOf(mapping, 'swallow')) ?? false,
  };
}

function readTranslation(reading: Reading, value: YamlNode): RelayAction | undefined {
  const { read } = reading;
  const mapping = read.mapping(value, '`{ port: 80, to: 8080 }`');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, TRANSLATE_KEYS);
  // That a key is missing is found by the schema.
  const [port, target] = TRANSLATE_KEYS.map((key) => read.number(entryOf(mapping, key), 1, 65535));
  return port === undefined || target === undefined ? undefined : { do: 'translate', port, target };
}

/** `3`, `10..42` or `>=4`. */
function readRange({ read }: Reading, node: YamlNode): NumberRange | undefined {
  const text = node.kind === 'scalar' ? node.text.trim() : '';
  const match = /^(?:(\d{1,9})(?:\.\.(\d{1,9}))?|>=\s*(\d{1,9}))$/.exec(text);
  const from = Number(match?.[1] ?? match?.[3] ?? 0);
  const to = match?.[3] !== undefined ? Infinity : Number(match?.[2] ?? match?.[1] ?? 0);
  if (match === null || from < 1 || to < from)
    return read.wrong(node, 'a number from 1, `10..42`, `">=4"`, or a list of them');
  return { from, to };
}

function readShare({ read }: Reading, node: YamlNode): number | undefined {
  const match = node.kind === 'scalar' ? SHARE.exec(node.text.trim()) : null;
  const share = Number(match?.[1] ?? NaN) / 100;
  return share > 0 && share <= 1 ? share : read.wrong(node, 'a share in percent: `5%`, at most `100%`');
}

function readRate({ read }: Reading, node: YamlNode): number | undefined {
  const match = node.kind === 'scalar' ? RATE.exec(node.text.trim()) : null;
  const rate = Number(match?.[1] ?? NaN) * (RATE_UNITS[match?.[2] ?? ''] ?? NaN);
  return rate >= 1000 ? rate : read.wrong(node, 'bits a second: `64kbit`, `1.5mbit`, at least 1kbit');
}

function isBare(node: YamlNode): boolean {
  return node.kind === 'scalar' && (node.value === null || node.value === true);
}

function listOf(node: YamlNode | undefined): YamlNode[] {
  if (node === undefined) return [];
  return node.kind === 'sequence' ? node.items : [node];
}

export const SHARE = /^(\d{1,3}(?:\.\d{1,6})?)%$/;
export const RATE = /^(\d{1,6}(?:\.\d{1,6})?)(bit|kbit|mbit|gbit)$/;
export const RESET_TARGETS = ['client', 'server', 'both'] as const;
const RATE_UNITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const RESET_KEYS = ['to', 'ttl', 'swallow'] as const;
const TRANSLATE_KEYS = ['port', 'to'] as const;
/** Packets that wait for a link of limited rate, where the case does not say. */
const DEFAULT_QUEUE = 100;
/** What devices that are neither of the ends often start with. */
const DEFAULT_TTL = 255;
