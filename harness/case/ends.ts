import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import { quoted } from './cursor.js';
import type { AppAction, ConnectionSpec, EndSpec, Place, Role } from './model.js';
import { readOctets } from './payload.js';
import { plainOptions } from './plain.js';
import type { Reading } from './reading.js';
import { emptyScalar, entryOf } from './yaml-node.js';
import type { MappingEntry, MappingNode, YamlNode } from './yaml-node.js';

export const END_KEYS = [
  'stack',
  'attach',
  'port',
  'isn',
  'window',
  'options',
  'listen',
  'more-ports',
  'backlog',
  'accept',
  'to',
  'give-up',
  'app',
  'also',
] as const;
/** Keys that make sense at one of the ends only. */
const SERVER_KEYS = ['listen', 'more-ports', 'backlog', 'accept'];
const CLIENT_KEYS = ['to', 'give-up', 'also'];
const CONNECTION_KEYS = ['port', 'to', 'at', 'give-up', 'options', 'app'] as const;
export const APP_KEYS = [
  'send',
  'receive',
  'echo',
  'discard',
  'wait',
  'shutdown',
  'close',
  'abort',
  'then',
] as const;
export const ATTACH = ['kernel', 'raw', 'packet', 'tap'] as const;

const MAX_WINDOW = 65535 * 2 ** 14;
/** Actions that need nothing behind them. */
const BARE: readonly string[] = ['echo', 'discard', 'shutdown', 'close', 'abort'];

/** One end of an observed case. */
export function readEnd(reading: Reading, node: YamlNode, role: Role): EndSpec {
  const { read, problems } = reading;
  const end: EndSpec = {
    stack: 'iut',
    options: {},
    listen: true,
    morePorts: [],
    accept: true,
    app: [],
    also: [],
    place: problems.placeOf(node),
  };
  const mapping = read.mapping(node, 'a mapping with `stack`, `port`, `app`, ...');
  if (mapping === undefined) return end;
  read.onlyKeys(mapping, END_KEYS);
  refuseKeysOfOtherEnd(reading, mapping, role);
  const stack = entryOf(mapping, 'stack');
  end.stack = read.text(stack, '`iut` or the name of an implementation') ?? 'iut';
  if (stack !== undefined) checkImplementation(reading, stack, end.stack);
  const attach = read.word(entryOf(mapping, 'attach'), ATTACH);
  if (attach !== undefined) end.attach = attach;
  const port = read.number(entryOf(mapping, 'port'), 1, 65535);
  if (port !== undefined) end.port = port;
  const isn = read.number(entryOf(mapping, 'isn'), 0, 2 ** 32 - 1);
  if (isn !== undefined) end.isn = isn;
  const window = read.number(entryOf(mapping, 'window'), 0, MAX_WINDOW);
  if (window !== undefined) end.window = window;
  const options = read.mapping(entryOf(mapping, 'options'), 'a mapping of socket options');
  end.options = plainOptions(options);
  end.listen = read.truth(entryOf(mapping, 'listen')) ?? true;
  const app = entryOf(mapping, 'app');
  if (app !== undefined) end.app = readApp(reading, app);
  const morePorts = read.items(entryOf(mapping, 'more-ports'), 'a list of ports') ?? [];
  end.morePorts = morePorts.flatMap((item) => read.number(item, 1, 65535) ?? []);
  const backlog = read.number(entryOf(mapping, 'backlog'), 0, 65535);
  if (backlog !== undefined) end.backlog = backlog;
  end.accept = read.truth(entryOf(mapping, 'accept')) ?? true;
  const to = read.number(entryOf(mapping, 'to'), 1, 65535);
  if (to !== undefined) end.to = to;
  const giveUpMs = read.duration(entryOf(mapping, 'give-up'));
  if (giveUpMs !== undefined) end.giveUpMs = giveUpMs;
  const also =
    read.items(entryOf(mapping, 'also'), 'a list of connections: `- { to: 8081, app: close }`') ?? [];
  end.also = also.flatMap((item) => readConnection(reading, item) ?? []);
  return end;
}

function refuseKeysOfOtherEnd({ problems }: Reading, mapping: MappingNode, role: Role): void {
  const foreign = role === 'client' ? SERVER_KEYS : CLIENT_KEYS;
  for (const { key } of mapping.entries) {
    if (!foreign.includes(key.text)) continue;
    const other = role === 'client' ? 'server' : 'client';
    problems.at(key, {
      found: `\`${key.text}\` at the ${role}`,
      expected: `\`${key.text}\` at the ${other} only`,
    });
  }
}

function readConnection(reading: Reading, node: YamlNode): ConnectionSpec | undefined {
  const { read, problems } = reading;
  const mapping = read.mapping(node, 'a connection: `{ to: 8081, app: close }`');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, CONNECTION_KEYS);
  const port = read.number(entryOf(mapping, 'port'), 1, 65535);
  const to = read.number(entryOf(mapping, 'to'), 1, 65535);
  const atMs = read.duration(entryOf(mapping, 'at'));
  const giveUpMs = read.duration(entryOf(mapping, 'give-up'));
  const app = entryOf(mapping, 'app');
  return {
    ...(port === undefined ? {} : { port }),
    ...(to === undefined ? {} : { to }),
    ...(atMs === undefined ? {} : { atMs }),
    ...(giveUpMs === undefined ? {} : { giveUpMs }),
    options: plainOptions(read.mapping(entryOf(mapping, 'options'), 'a mapping of socket options')),
    app: app === undefined ? [] : readApp(reading, app),
    place: problems.placeOf(node),
  };
}

export function checkImplementation(reading: Reading, node: YamlNode, name: string): void {
  const known = reading.context.implementations;
  if (known === undefined || name === 'iut' || known.has(name)) return;
  const close = didYouMean(name, known);
  reading.problems.at(node, {
    found: `unknown implementation ${quoted(name)}`,
    expected: `one of ${[...known].join(', ')}`,
    remedy: close === undefined ? undefined : `did you mean ${quoted(close)}?`,
  });
}

/** What the application does: one word, a mapping in its order, or a list of actions. */
function readApp(reading: Reading, node: YamlNode): AppAction[] {
  if (node.kind === 'scalar') return readActionWord(reading, node);
  if (node.kind === 'mapping') return node.entries.flatMap((entry) => readAction(reading, entry));
  return node.items.flatMap((item) => {
    if (item.kind === 'scalar') return readActionWord(reading, item);
    if (item.kind === 'mapping' && item.entries.length > 0) {
      return item.entries.flatMap((entry) => readAction(reading, entry));
    }
    return reading.read.wrong(item, `an action, one of ${APP_KEYS.join(', ')}`) ?? [];
  });
}

function readActionWord(reading: Reading, node: YamlNode): AppAction[] {
  const word = reading.read.word(node, BARE);
  if (word === undefined || node.kind !== 'scalar') return [];
  return readAction(reading, { key: node, value: emptyScalar(node.end) });
}

function readAction(reading: Reading, { key, value }: MappingEntry): AppAction[] {
  const { read } = reading;
  const place = reading.problems.placeOf(key);
  switch (key.text) {
    case 'send': {
      const data = readOctets(read, value);
      return data === undefined ? [] : [{ do: 'send', data, place }];
    }
    case 'receive':
      return readReceive(reading, value, place);
    case 'echo': {
      const isBare = value.kind === 'scalar' && (value.value === null || value.value === true);
      const prefix = isBare ? new Uint8Array() : readOctets(read, value);
      return prefix === undefined ? [] : [{ do: 'echo', prefix, place }];
    }
    case 'wait': {
      const ms = read.duration(value);
      return ms === undefined ? [] : [{ do: 'wait', ms, place }];
    }
    case 'then':
      return readActionWord(reading, value);
    case 'discard':
    case 'shutdown':
    case 'close':
    case 'abort': {
      const isBare = value.kind === 'scalar' && (value.value === null || value.value === true);
      if (!isBare)
        reading.problems.at(value, { found: describe(value), expected: `nothing behind \`${key.text}\`` });
      return [{ do: key.text, place }];
    }
    default:
      read.unknownKey(key, APP_KEYS);
      return [];
  }
}

function readReceive(reading: Reading, value: YamlNode, place: Place): AppAction[] {
  if (value.kind === 'scalar' && value.text === 'end') return [{ do: 'receive-until-end', place }];
  if (value.kind !== 'scalar' || typeof value.value !== 'number') {
    return reading.read.wrong(value, 'how many octets, or `end`') ?? [];
  }
  const bytes = reading.read.number(value, 0, 2 ** 31);
  return bytes === undefined ? [] : [{ do: 'receive', bytes, place }];
}
