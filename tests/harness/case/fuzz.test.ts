import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { CaseError } from '../../../harness/case/case-error.js';
import { loadCases } from '../../../harness/case/load.js';
import { parseLine } from '../../../harness/case/parse-line.js';

/** Whatever comes in, cases or errors with a place inside the text come out. */
function survives(text: string): void {
  const { cases, errors } = loadCases('f.yaml', text);
  expect(cases.length + errors.length).toBeGreaterThan(0);
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  for (const error of errors) {
    expect(error).toBeInstanceOf(CaseError);
    expect(error.found).not.toBe('');
    const line = lines[error.place.line - 1];
    expect(line).toBeDefined();
    expect(error.place.column).toBeLessThanOrEqual((line ?? '').length + 1);
  }
}

const OBSERVED = `id: echo
title: Echo
covers: [MUST-2]
lab: { kernel-rst: drop, mtu: 1500 }
client: { port: 12345, isn: 1000000, app: { send: "Hello", receive: 20, then: close } }
server: { port: 8080, app: { echo: "Echo: " } }
expect:
  - client: "[SYN] Seq=0 Win=65535 Len=0 MSS=1460"
    let: { x: Seq }
  - server: '[SYN, ACK] Seq=0 Ack=$x+1'
    within: 300ms
    payload: { repeat: { text: a, times: 3 } }
  - any-order: [ client: "[ACK]", server: "[ACK]" ]
  - one-of:
      a: { client: "[FIN, ACK]" }
      b: [ quiet: 1s ]
  - client: &syn { tcp.flags: [SYN], MSS: 1..10 }
    times: 1..3
  - client: *syn
    count: ">=1"
never: [ tcp.flags.reset == 1, client: "[RST]" ]
`;

const SCRIPTED = `id: m
title: "{{state}} {{seq}}"
iut: server
start: { state: "{{state}}", window: 1000, options: { no-delay: true } }
steps:
  - send: "[RST] Seq={{seq}} TTL=1"
    checksum: bad
    tcp.hdr_len: 20
    fragments: { size: 24, order: [1, 0] }
  - expect: "[ACK] Seq=SND.NXT"
  - iut: send "x" repeat=3
    returns: ok
  - icmp: { error: port-unreachable, seq: SND.UNA - 1 }
  - "{{reply}}"
table:
  columns: [state, seq, reply]
  rows:
    - [ESTABLISHED, RCV.NXT+1, { quiet: 300ms }]
    - [LISTEN, 0, ~]
`;

test('the seeds of the mutations are correct', () => {
  expect(loadCases('f', OBSERVED).errors.map(String)).toEqual([]);
  expect(loadCases('f', SCRIPTED).errors.map(String)).toEqual([]);
});

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => survives(text)),
    { numRuns: 100 },
  );
});

test('any arrangement of what YAML is made of', () => {
  const token = fc.constantFrom(
    ...[
      '- ',
      ': ',
      '? ',
      '\n',
      '\r\n',
      '\r',
      ' ',
      '  ',
      '\t',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '#',
      '|',
      '>',
      '---\n',
    ],
    ...[
      '...\n',
      '&a ',
      '*a',
      '!!str ',
      '!x ',
      '%YAML 1.2\n',
      '\\x',
      '\ufeff',
      '\u0000',
      '{{x}}',
      '<<',
      '~',
      'id',
      'expect',
    ],
    ...[
      'client',
      '[SYN]',
      'Seq=',
      '0x',
      '1',
      '__proto__',
      'constructor',
      'table',
      'steps',
      'iut',
      'send',
      '\ud800',
      '😀',
    ],
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 60 }), (tokens) => survives(tokens.join(''))),
    { numRuns: 500 },
  );
});

test('a correct case with pieces changed, dropped, doubled or swapped', () => {
  const mutation = fc.record({
    at: fc.nat(10_000),
    length: fc.nat(30),
    kind: fc.constantFrom('drop', 'double', 'replace', 'move'),
    text: fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        '{',
        '[',
        '"',
        '\t',
        '- ',
        '*syn',
        '{{state}}',
        '-1',
        '1e400',
        '99999999999999999999',
        '$y',
        '..',
        'any',
        '\n',
      ),
    ),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(OBSERVED, SCRIPTED),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (seed, mutations) => {
        let text = seed;
        for (const { at, length, kind, text: piece } of mutations) {
          const start = at % (text.length + 1);
          const cut = text.slice(start, start + length);
          const rest = text.slice(start + length);
          if (kind === 'drop') text = text.slice(0, start) + rest;
          else if (kind === 'double') text = text.slice(0, start) + cut + cut + rest;
          else if (kind === 'replace') text = text.slice(0, start) + piece + rest;
          else text = rest + cut + text.slice(0, start);
        }
        survives(text);
      },
    ),
    { numRuns: 500 },
  );
});

test('any JSON value in place of any value of a correct case', () => {
  const keys = [
    'id',
    'title',
    'covers',
    'lab',
    'client',
    'server',
    'expect',
    'never',
    'table',
    'families',
    'findings',
    'on',
  ];
  const replaced = fc.tuple(fc.constantFrom(...keys, 'iut', 'start', 'steps'), fc.jsonValue({ maxDepth: 4 }));
  fc.assert(
    fc.property(fc.array(replaced, { minLength: 1, maxLength: 3 }), (entries) => {
      survives(JSON.stringify({ id: 'x', title: 'X', expect: [], ...Object.fromEntries(entries) }));
    }),
    { numRuns: 150 },
  );
});

test('nesting and size without bound', () => {
  for (const text of [
    '['.repeat(100_000),
    '{a: '.repeat(100_000),
    '- '.repeat(50_000),
    'a:\n'.repeat(5000),
    '('.repeat(5000),
  ]) {
    survives(text);
    survives(`id: x\ntitle: X\nexpect: ${text}`);
  }
  survives(`id: x\ntitle: X\nexpect: [client: "${'Seq=0 '.repeat(20_000)}"]`);
  survives(`id: x\ntitle: X\nexpect: [client: "${'[SYN'.repeat(900)}"]`);
  survives(`id: ${'x'.repeat(5_000_000)}`);
});

test('a line never throws, and its problems lie within it', () => {
  const token = fc.constantFrom(
    ...[
      '[',
      ']',
      'SYN',
      'ACK',
      ', ',
      ' ',
      'Seq',
      '=',
      '>=',
      '..',
      '|',
      '(',
      ')',
      '$x',
      '+',
      '-',
      '*',
      '/',
      '->',
      '→',
      '0x1',
    ],
    ...[
      '12',
      '.',
      'any',
      'present',
      'SND.NXT',
      'tcp.len',
      'TCP ',
      'Dup ACK 4#1',
      '!',
      '?',
      '<None>',
      '\n',
      '"',
      '😀',
    ],
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
      const text = tokens.join('');
      for (const { index, length } of parseLine(text).problems) {
        expect(index).toBeGreaterThanOrEqual(0);
        expect(length).toBeGreaterThan(0);
        expect(index).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 2000 },
  );
});
