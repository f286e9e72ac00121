import { Cursor, quoted } from './cursor.js';
import { GrammarProblem } from './grammar-problem.js';
import type { IutAction } from './model.js';
import { readHex } from './payload.js';
import { camelCase, plainOption, plainOptions } from './plain.js';
import { oneOf } from './read.js';
import type { Reading } from './reading.js';
import { resolvePlain } from './resolve-plain.js';
import { emptyScalar, entryOf } from './yaml-node.js';
import type { MappingNode, ScalarNode, YamlNode } from './yaml-node.js';

/** Upper-tester calls with the arguments each takes, as a case spells them. */
export const IUT_OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  listen: ['port', 'address', 'backlog', 'options'],
  accept: ['listener', 'timeout'],
  connect: ['address', 'port', 'local-port', 'options'],
  wait: ['connection', 'timeout'],
  send: ['connection', 'data', 'hex', 'repeat', 'urgent'],
  receive: ['connection', 'bytes', 'timeout'],
  shutdown: ['connection'],
  close: ['connection', 'listener'],
  abort: ['connection'],
  set: ['connection', 'options'],
  status: ['connection'],
};

export const RETURN_KEYS: readonly string[] = ['ok', 'error', 'data', 'hex', 'bytes', 'end', 'state'];

const OPERATIONS = Object.keys(IUT_OPERATIONS);
const HELP = '`send "text"`, `receive 20`, `close`, `abort`, `shutdown`, or a mapping with `op`';
/** Calls that wait for the peer, and so take a `within`. */
const WAITING = ['accept', 'wait', 'receive'];

/** Reads `iut: send "x"` or `iut: { op: send, data: "x" }`. Undefined with a problem noted. */
export function readIutAction(
  reading: Reading,
  node: YamlNode,
  returns: YamlNode | undefined,
  withinMs: number | undefined,
): IutAction | undefined {
  const action = node.kind === 'mapping' ? fromMapping(reading, node) : fromText(reading, node);
  if (action === undefined) return undefined;
  if (withinMs !== undefined && WAITING.includes(action.op)) action.args['timeoutMs'] ??= withinMs;
  if (returns !== undefined) {
    const expect = readReturns(reading, returns);
    if (expect !== undefined) action.expect = expect;
  }
  return action;
}

function fromMapping(reading: Reading, node: MappingNode): IutAction | undefined {
  const opNode = entryOf(node, 'op');
  if (opNode === undefined) {
    reading.problems.at(node, { found: 'no `op`', expected: `\`op:\` with ${oneOf(OPERATIONS)}` });
    return undefined;
  }
  const op = reading.read.word(opNode, OPERATIONS);
  if (op === undefined) return undefined;
  const args: Record<string, unknown> = {};
  for (const { key, value } of node.entries) {
    if (key.text !== 'op') addArgument(reading, op, args, key, value);
  }
  return { op, args };
}

function fromText(reading: Reading, node: YamlNode): IutAction | undefined {
  if (node.kind !== 'scalar' || node.value === null) return reading.read.wrong(node, HELP);
  const cursor = new Cursor(node.text);
  try {
    return readText(reading, node, cursor);
  } catch (error) {
    if (!(error instanceof GrammarProblem)) throw error;
    reading.problems.inside(node, error);
    return undefined;
  }
}

function readText(reading: Reading, node: ScalarNode, cursor: Cursor): IutAction | undefined {
  cursor.skipSpace();
  const start = cursor.index;
  const op = cursor.take(/[A-Za-z-]+/y) ?? '';
  if (!Object.hasOwn(IUT_OPERATIONS, op)) {
    const at: ScalarNode = part(node, start, Math.max(start + 1, cursor.index));
    return reading.read.word(at, OPERATIONS) === undefined ? undefined : { op, args: {} };
  }
  const args: Record<string, unknown> = {};
  for (cursor.skipSpace(); !cursor.atEnd; cursor.skipSpace()) {
    const begin = cursor.index;
    const key = cursor.take(/[A-Za-z][\w-]*(?==)/y);
    if (key !== undefined) cursor.index++;
    const valueStart = cursor.index;
    const value = readWord(cursor);
    const name = key ?? positionalName(op, value, cursor, begin);
    const keyNode = part(node, begin, begin + name.length, name);
    const valueNode = { ...part(node, valueStart, cursor.index), ...value };
    addArgument(reading, op, args, keyNode, valueNode);
  }
  return { op, args };
}

interface Word {
  text: string;
  value: ScalarNode['value'];
  plain: boolean;
}

function readWord(cursor: Cursor): Word {
  const start = cursor.index;
  const string = cursor.take(/"(?:[^"\\]|\\.)*"|'[^']*'/y);
  if (string !== undefined) {
    const text = unquote(string);
    if (text === undefined)
      throw cursor.problem(
        quoted(string),
        'a text in quotes, with escapes as in JSON',
        undefined,
        start,
        string.length,
      );
    return { text, value: text, plain: false };
  }
  const word = cursor.take(/[^\s"']+/y);
  if (word === undefined) {
    throw cursor.problem(
      cursor.atEnd ? 'nothing' : quoted(cursor.word()),
      'a text in quotes, a number, or `name=value`',
    );
  }
  return { text: word, value: resolvePlain(word), plain: true };
}

function unquote(string: string): string | undefined {
  if (string.startsWith("'")) return string.slice(1, -1);
  try {
    return JSON.parse(string) as string;
  } catch {
    return undefined;
  }
}

/** `send "x"` means its data, `receive 20` the number of octets, `connect 8080` and `listen 8080` the port. */
function positionalName(op: string, word: Word, cursor: Cursor, start: number): string {
  if (op === 'send' && !word.plain) return 'data';
  if (op === 'receive' && typeof word.value === 'number') return 'bytes';
  if ((op === 'connect' || op === 'listen') && typeof word.value === 'number') return 'port';
  const expected = op === 'send' ? 'the text to send in quotes' : `\`name=value\`, ${namesFor(op)}`;
  const remedy =
    op === 'receive' && word.text === 'end'
      ? 'write `iut: receive` with `returns: end` beside it'
      : undefined;
  throw cursor.problem(quoted(word.text), expected, remedy, start, word.text.length);
}

function namesFor(op: string): string {
  return `the name ${oneOf(IUT_OPERATIONS[op] ?? [])}`;
}

function addArgument(
  reading: Reading,
  op: string,
  args: Record<string, unknown>,
  key: ScalarNode,
  value: YamlNode,
): void {
  const known = IUT_OPERATIONS[op] ?? [];
  if (op === 'set' && !known.includes(key.text)) {
    const [name, plain] = plainOption(key.text, value);
    args['options'] = { ...(args['options'] as Record<string, unknown> | undefined), [name]: plain };
    return;
  }
  if (!known.includes(key.text)) return reading.read.unknownKey(key, known);
  const read = argument(reading, key.text, value);
  if (read !== undefined) args[key.text === 'timeout' ? 'timeoutMs' : camelCase(key.text)] = read;
}

function argument(reading: Reading, key: string, value: YamlNode): unknown {
  const { read } = reading;
  switch (key) {
    case 'options':
      return read.mapping(value) === undefined ? undefined : plainOptions(value);
    case 'timeout':
      return read.duration(value);
    case 'urgent':
      return read.truth(value);
    case 'hex': {
      const octets = readHex(read, value);
      return octets === undefined ? undefined : Buffer.from(octets).toString('hex');
    }
    case 'data':
    case 'address':
      return read.text(value);
    case 'port':
    case 'local-port':
      return read.number(value, 0, 65535);
    default:
      return read.number(value, 0, 2 ** 31);
  }
}

/** `returns: end`, `returns: ECONNRESET`, `returns: "text received"`, or a mapping of what the response must say. */
function readReturns(reading: Reading, node: YamlNode): Record<string, unknown> | undefined {
  const { read } = reading;
  if (node.kind === 'scalar' && node.value !== null) {
    if (node.plain && node.text === 'end') return { end: true };
    if (node.plain && node.text === 'ok') return { ok: true };
    if (node.plain && /^(?:E[A-Z]{3,}|unsupported)$/.test(node.text)) return { ok: false, error: node.text };
    return { data: node.text };
  }
  const mapping = read.mapping(node, '`end`, an error such as ECONNRESET, a text, or a mapping');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, RETURN_KEYS);
  const expect: Record<string, unknown> = {};
  for (const { key, value } of mapping.entries) {
    const result = returned(reading, key.text, value);
    if (result !== undefined) expect[key.text] = result;
  }
  return expect;
}

function returned(reading: Reading, key: string, value: YamlNode): unknown {
  const { read } = reading;
  if (key === 'ok' || key === 'end') return read.truth(value);
  if (key === 'bytes') return read.number(value, 0, 2 ** 31);
  if (key === 'hex') return argument(reading, 'hex', value);
  if ((key === 'state' || key === 'error') && value.kind === 'sequence')
    return read.texts(value, `${key}s`).map(({ text }) => text);
  return read.text(value);
}

/** A piece of a scalar as a scalar of its own. */
function part(node: ScalarNode, from: number, to: number, text = node.text.slice(from, to)): ScalarNode {
  const start = node.offsetOf(from);
  return {
    ...emptyScalar(start),
    value: text,
    text,
    end: Math.max(start, node.offsetOf(to)),
    offsetOf: (index) => node.offsetOf(from + index),
  };
}
