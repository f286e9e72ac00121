import { describe, expect, test } from '@jest/globals';

import { loadCases } from '../../../harness/case/load.js';
import type { ObservedCase } from '../../../harness/case/model.js';

function observed(text: string): ObservedCase {
  const { cases, errors } = loadCases('case.yaml', text);
  expect(errors.map(String)).toEqual([]);
  const [testCase] = cases;
  if (testCase?.kind !== 'observed') throw new Error('not an observed case');
  return testCase;
}

function withExpect(expectations: string): ObservedCase['expect'] {
  return observed(`id: x\ntitle: X\nexpect:\n${expectations}`).expect;
}

test('the smallest case has the defaults', () => {
  const { client, server, source, ...rest } = observed('id: a-1\ntitle: A case\nexpect: []\n');
  expect(rest).toEqual({
    kind: 'observed',
    id: 'a-1',
    title: 'A case',
    purpose: 'A case',
    covers: [],
    level: 'MUST',
    tags: [],
    on: [],
    families: ['ipv4', 'ipv6'],
    needs: [],
    lab: { kernelRst: 'drop', mtu: 1500, impair: [] },
    findings: [],
    never: [],
    admit: [],
    mode: 'strict',
    place: { file: 'case.yaml', line: 1, column: 5 },
    expect: [],
  });
  expect(client).toMatchObject({ stack: 'iut', options: {}, listen: true, app: [] });
  expect(server).toMatchObject({ stack: 'iut', options: {}, listen: true, app: [] });
  expect(source).toBe('id: a-1\ntitle: A case\nexpect: []\n');
});

test('everything about a case', () => {
  const testCase = observed(`
id: full
title: Full
purpose: A sentence.
covers: [MUST-2, R9293-3.5]
level: SHOULD
tags: slow
on: [linux]
families: ipv4
needs: [fixed-isn]
lab: { kernel-rst: allow, mtu: 600, capture: both, impair: [{ nth: 2, drop: true }] }
findings: [kernel-reset, "!retransmission"]
never:
  - tcp.flags.reset == 1
  - client: "[RST]"
    ip.id: 0
mode: subsequence
client: { stack: linux, attach: raw, port: 1, isn: 4294967295, window: 65535, options: { no-delay: true, user-timeout: 5s } }
server: { listen: false, port: 8080 }
`);
  expect(testCase).toMatchObject({
    purpose: 'A sentence.',
    covers: ['MUST-2', 'R9293-3.5'],
    level: 'SHOULD',
    tags: ['slow'],
    on: ['linux'],
    families: ['ipv4'],
    needs: ['fixed-isn'],
    lab: { kernelRst: 'allow', mtu: 600, capture: 'both', impair: [{ action: { do: 'drop' } }] },
    findings: [{ id: 'kernel-reset' }, { id: 'retransmission', absent: true }],
    never: [
      { kind: 'filter', filter: 'tcp.flags.reset == 1', place: { line: 14, column: 5 } },
      { kind: 'pattern', pattern: { from: 'client', text: '[RST] ip.id=0' } },
    ],
    mode: 'subsequence',
    client: {
      stack: 'linux',
      attach: 'raw',
      port: 1,
      isn: 4294967295,
      window: 65535,
      options: { noDelay: true, userTimeoutMs: 5000 },
    },
    server: { listen: false, port: 8080 },
  });
});

describe('app', () => {
  const actionsOf = (app: string) =>
    observed(`id: x\ntitle: X\nexpect: []\nclient: { app: ${app} }`).client.app.map((action) => {
      const { place, ...rest } = action;
      expect(place.line).toBe(4);
      return 'data' in rest ? { ...rest, data: Buffer.from(rest.data).toString() } : rest;
    });

  test('a mapping, in its order', () => {
    expect(actionsOf('{ send: "Hello", receive: 20, then: close }')).toEqual([
      { do: 'send', data: 'Hello' },
      { do: 'receive', bytes: 20 },
      { do: 'close' },
    ]);
  });

  test('a list of single actions', () => {
    expect(
      actionsOf('[send: x, receive: 20, receive: end, wait: 200ms, shutdown, abort: , discard, close]'),
    ).toEqual([
      { do: 'send', data: 'x' },
      { do: 'receive', bytes: 20 },
      { do: 'receive-until-end' },
      { do: 'wait', ms: 200 },
      { do: 'shutdown' },
      { do: 'abort' },
      { do: 'discard' },
      { do: 'close' },
    ]);
  });

  test('payloads as text, in hex, repeated', () => {
    expect(
      actionsOf(
        '[send: 12, send: { hex: 41 42 }, send: { repeat: { text: ab, times: 3 } }, send: {text: any}]',
      ),
    ).toEqual([
      { do: 'send', data: '12' },
      { do: 'send', data: 'AB' },
      { do: 'send', data: 'ababab' },
      { do: 'send', data: 'any' },
    ]);
  });

  test('nothing at all', () => {
    expect(
      actionsOf(
        "[send: '', send: { hex: '' }, send: { repeat: { text: '', times: 9 } }, send: { repeat: { text: x, times: 0 } }]",
      ),
    ).toEqual(Array.from({ length: 4 }, () => ({ do: 'send', data: '' })));
  });

  test('echo with and without a prefix', () => {
    const prefixes = (app: string) =>
      observed(`id: x\ntitle: X\nexpect: []\nserver: { app: ${app} }`).server.app.map((action) =>
        action.do === 'echo' ? Buffer.from(action.prefix).toString() : action.do,
      );
    expect(prefixes('{ echo: "Echo: " }')).toEqual(['Echo: ']);
    expect(prefixes('echo')).toEqual(['']);
    expect(prefixes('{ echo: }')).toEqual(['']);
    expect(prefixes('[echo, close]')).toEqual(['', 'close']);
  });
});

describe('expect', () => {
  test('line form, mapping form and both say the same', () => {
    const forms = withExpect(`
  - client: "[SYN] Seq=0 MSS=1460 ip.version=4"
  - client: { flags: [SYN], Seq: 0, tcp.options.mss_val: 1460, ip.version: 4 }
  - client: "[SYN] Seq=0"
    MSS: 1460
    ip.version: 4
  - client:
    tcp.flags: SYN
    tcp.seq: "0"
    MSS: 1460
    ip.version: 4
`).map((item) => {
      if (item.kind !== 'packet') throw new Error('not a packet');
      const { flags, fields, from } = item.pattern;
      return { flags, from, fields: fields.map(({ name, value }) => [name, value]) };
    });
    for (const form of forms) expect(form).toEqual(forms[0]);
  });

  test('values in mapping form', () => {
    const [item] = withExpect(`
  - server:
      flags: [SYN, "!PSH"]
      Seq: 0x10
      Ack: 1..10
      Win: ">=1"
      Len: any
      SACK_PERM: true
      WS: absent
      SLE: [1, 5]
      SRE: [2, 6]
      ip.version: "4|6"
      eth.src: 02:00:00:00:00:01
      analysis: [retransmission, keep_alive]
      payload: any
`);
    if (item?.kind !== 'packet') throw new Error('not a packet');
    expect(item.pattern.payload).toBeUndefined();
    expect(item.pattern.flags).toEqual({ set: 2, ignore: 0 });
    expect(item.pattern.fields.map(({ name, value, text }) => [name, value.kind, text])).toEqual([
      ['Seq', 'equals', 'Seq=0x10'],
      ['Ack', 'range', 'Ack=1..10'],
      ['Win', 'compare', 'Win=>=1'],
      ['Len', 'any', 'Len=any'],
      ['SACK_PERM', 'present', 'SACK_PERM'],
      ['WS', 'absent', 'WS=absent'],
      ['SLE', 'equals', 'SLE=1'],
      ['SLE', 'equals', 'SLE=5'],
      ['SRE', 'equals', 'SRE=2'],
      ['SRE', 'equals', 'SRE=6'],
      ['ip.version', 'either', 'ip.version=4|6'],
      ['eth.src', 'text', 'eth.src=02:00:00:00:00:01'],
      ['tcp.analysis.retransmission', 'present', 'analysis=retransmission'],
      ['tcp.analysis.keep_alive', 'present', 'analysis=keep_alive'],
    ]);
  });

  test('structure', () => {
    const items = withExpect(`
  - client: "[SYN]"
    times: 1..3
    within: 1.5s
    after: 500ms
    let: { x: Seq, w: tcp.window_size_value }
  - server: "[ACK] Ack=$x"
    optional: true
  - server: "[ACK]"
    times: ">=2"
  - any-order:
      - client: "[ACK]"
      - server: "[ACK]"
    within: 2m
  - one-of:
      reset:
        - server: "[RST]"
        - quiet: 300ms
      acknowledged: { server: "[ACK]" }
      nothing:
  - one-of:
      - label: closed
        items: [client: "[FIN, ACK]"]
      - client: "[RST]"
      - - client: "[ACK]"
        - client: "[FIN, ACK]"
  - quiet: 300ms
    from: client
  - client: "[RST]"
    count: 0
`);
    expect(items).toMatchObject([
      {
        kind: 'packet',
        times: { min: 1, max: 3 },
        timing: { within: 1500, after: 500 },
        pattern: { bind: { x: 'Seq', w: 'tcp.window_size_value' } },
      },
      { kind: 'packet', times: { min: 0, max: 1 } },
      { kind: 'packet', times: { min: 2, max: Infinity } },
      { kind: 'any-order', timing: { within: 120_000 }, items: [{ kind: 'packet' }, { kind: 'packet' }] },
      {
        kind: 'one-of',
        alternatives: [
          { label: 'reset', items: [{ kind: 'packet' }, { kind: 'quiet', ms: 300 }] },
          { label: 'acknowledged', items: [{ kind: 'packet' }] },
          { label: 'nothing', items: [] },
        ],
      },
      {
        kind: 'one-of',
        alternatives: [
          { label: 'closed', items: [{ kind: 'packet' }] },
          { label: '[RST]', items: [{ kind: 'packet' }] },
          { label: '[ACK]', items: [{ kind: 'packet' }, { kind: 'packet' }] },
        ],
      },
      { kind: 'quiet', ms: 300, from: 'client' },
      { kind: 'count', is: { kind: 'equals', value: { kind: 'number', value: 0 } } },
    ]);
  });

  test('every part knows its place', () => {
    const [item] = withExpect(`  - client: "[SYN] Seq=0"\n    ip.version: 4\n`);
    if (item?.kind !== 'packet') throw new Error('not a packet');
    expect(item.place).toEqual({ file: 'case.yaml', line: 4, column: 13 });
    expect(item.pattern.fields.map(({ place }) => `${place.line}:${place.column}`)).toEqual(['4:20', '5:17']);
  });
});

describe('YAML', () => {
  test('several documents, empty ones left out', () => {
    const document = (id: string) => `id: ${id}\ntitle: X\nexpect: []\n`;
    const { cases, errors } = loadCases(
      'f',
      `---\n---\n${document('a')}---\n${document('b')}...\n---\n# nothing\n`,
    );
    expect(errors).toEqual([]);
    expect(cases.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('byte order mark and CRLF do not move places', () => {
    const { cases } = loadCases('f', '\ufeffid: a\r\ntitle: X\r\nexpect:\r\n  - client: "[SYN] Seq=0"\r\n');
    const [testCase] = cases;
    expect(testCase?.place).toEqual({ file: 'f', line: 1, column: 5 });
    if (testCase?.kind !== 'observed' || testCase.expect[0]?.kind !== 'packet') throw new Error('no packet');
    expect(testCase.expect[0].pattern.fields[0]?.place).toEqual({ file: 'f', line: 4, column: 20 });
  });

  test('anchors and aliases', () => {
    const items = withExpect('  - client: &syn "[SYN]"\n  - client: *syn\n');
    expect(items).toMatchObject([{ pattern: { text: '[SYN]' } }, { pattern: { text: '[SYN]' } }]);
  });

  test('JSON is YAML', () => {
    expect(withExpect('  [{"client": "[SYN]", "within": "300ms"}]').length).toBe(1);
  });
});
