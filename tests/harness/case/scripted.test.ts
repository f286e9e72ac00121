import { describe, expect, test } from '@jest/globals';

import { loadCases } from '../../../harness/case/load.js';
import type { ScriptedCase, Step } from '../../../harness/case/model.js';
import { OVERRIDES } from '../../../harness/case/overrides.js';

function scripted(text: string): ScriptedCase {
  const { cases, errors } = loadCases('case.yaml', text);
  expect(errors.map(String)).toEqual([]);
  const [testCase] = cases;
  if (testCase?.kind !== 'scripted') throw new Error('not a scripted case');
  return testCase;
}

function steps(text: string, families = '[ipv4, ipv6]'): Step[] {
  return scripted(`id: x\ntitle: X\nfamilies: ${families}\niut: server\nsteps:\n${text}`).steps;
}

function step<K extends Step['kind']>(text: string, kind: K, families?: string): Extract<Step, { kind: K }> {
  const [first] = steps(text, families);
  if (first?.kind !== kind) throw new Error(`not a step to ${kind}`);
  return first as Extract<Step, { kind: K }>;
}

test('the example of a challenge ACK', () => {
  const testCase = scripted(`
id: challenge-ack-rst-in-window
title: A reset inside the window, but not at RCV.NXT, draws a challenge ACK
covers: [R5961-3.2]
level: MUST
iut: server
start: ESTABLISHED
steps:
  - send: "[RST] Seq=RCV.NXT+1"
  - expect: "[ACK] Seq=SND.NXT Ack=RCV.NXT Len=0"
    within: 500ms
  - send: "[PSH, ACK] Seq=RCV.NXT Ack=SND.NXT"
    payload: "still here"
  - expect: "[ACK] Ack=RCV.NXT"
`);
  expect(testCase).toMatchObject({
    iut: 'server',
    start: { state: 'ESTABLISHED', options: { options: {} } },
    steps: [
      {
        kind: 'send',
        send: { pattern: { from: 'client', flags: { set: 4, ignore: 0 } }, overrides: {}, times: 1 },
      },
      { kind: 'expect', item: { kind: 'packet', timing: { within: 500 }, pattern: { from: 'server' } } },
      { kind: 'send', send: { pattern: { payload: new TextEncoder().encode('still here') } } },
      { kind: 'expect', item: { pattern: { flags: { set: 0x10, ignore: 8 } } } },
    ],
  });
});

test('start with options', () => {
  const { start } = scripted(`
id: x
title: X
iut: client
start:
  state: TIME-WAIT
  via: simultaneous
  isn: 4294967290
  window: 1000
  mss: 536
  window-scale: 7
  sack: true
  timestamps: false
  options: { no-delay: true }
steps: [ { quiet: 1s } ]
`);
  expect(start).toMatchObject({
    state: 'TIME-WAIT',
    options: {
      via: 'simultaneous',
      isn: 4294967290,
      window: 1000,
      mss: 536,
      windowScale: 7,
      sack: true,
      timestamps: false,
      options: { noDelay: true },
    },
  });
});

test('without start a server listens and a client is closed', () => {
  const state = (iut: string) => scripted(`id: x\ntitle: X\niut: ${iut}\nsteps: [ quiet: 1s ]`).start.state;
  expect([state('server'), state('client')]).toEqual(['LISTEN', 'CLOSED']);
});

test('steps of every kind', () => {
  const all = steps(`
  - send: "[ACK] Seq=RCV.NXT-1 Ack=SND.NXT"
    times: 3
    after: 100ms
    taken: false
  - expect: { flags: [ACK], Ack: RCV.NXT }
    times: 1..2
    let: { t: TSval }
  - send: "[ACK] TSval=$t+1"
  - any-order: [ { expect: "[ACK]" }, { expect: "[FIN, ACK]" } ]
  - one-of: { silence: { quiet: 300ms }, reset: { expect: "[RST]" } }
  - expect: "[RST]"
    count: 0
  - quiet: 300ms
  - wait: 1s
  - note: the window is closed now
`);
  expect(all.map(({ kind }) => kind)).toEqual([
    'send',
    'expect',
    'send',
    'expect',
    'expect',
    'expect',
    'quiet',
    'wait',
    'note',
  ]);
  expect(all[0]).toMatchObject({ send: { times: 3, taken: false }, timing: { after: 100 } });
  expect(all[4]).toMatchObject({
    item: { alternatives: [{ items: [{ kind: 'quiet', from: 'server' }] }, { label: 'reset' }] },
  });
});

test('alternatives may act, each for its own outcome, and choices stand in what is done', () => {
  const all = steps(`
  - one-of:
      challenged:
        - expect: "[ACK]"
        - send: "[PSH, ACK]"
        - one-of:
            taken:
              - expect: "[ACK] Ack=RCV.NXT"
              - iut: receive 5
            not: { expect: "[RST]" }
        - quiet: 100ms
      gone:
        - quiet: 100ms
        - send: "[ACK]"
      nothing:
  - quiet: 1s
`);
  const [choice, , inner] = all.flatMap((step) => (step.kind === 'expect' ? [step.item] : [undefined]));
  expect(all.map(({ kind, when }) => [kind, when?.label])).toEqual([
    ['expect', undefined],
    ['send', 'challenged'],
    ['expect', 'challenged'],
    ['iut', 'taken'],
    ['quiet', 'challenged'],
    ['send', 'gone'],
    ['quiet', undefined],
  ]);
  expect(all.map(({ when }) => when?.choice)).toEqual([
    undefined,
    choice,
    choice,
    inner,
    choice,
    choice,
    undefined,
  ]);
  expect(choice).toMatchObject({
    alternatives: [
      { label: 'challenged', items: [{ kind: 'packet' }] },
      { label: 'gone', items: [{ kind: 'quiet' }] },
      { label: 'nothing', items: [] },
    ],
  });
});

test('what is expected in any order does not act', () => {
  const text = 'id: a\ntitle: A\niut: server\nsteps:\n  - any-order: [ { send: "[ACK]" } ]\n';
  expect(loadCases('f.yaml', text).errors.map(({ place, found }) => [place.line, found])).toEqual([
    [5, 'unknown key `send`'],
  ]);
});

test('packets that are admitted at any time', () => {
  const admitted = (text: string) =>
    loadCases('f.yaml', `id: a\ntitle: A\niut: client\nsteps: [ { quiet: 1s } ]\nadmit:${text}\n`);
  const [testCase] = admitted(' { iut: "[SYN] Seq=0" }').cases;
  expect(testCase?.admit).toMatchObject([{ from: 'client', flags: { set: 2 }, fields: [{ name: 'Seq' }] }]);
  expect(admitted('\n  - iut: "[SYN]"\n  - server: "[ACK]"').cases[0]?.admit).toHaveLength(2);
  expect(admitted(' "[SYN]"').errors.map(String)).not.toEqual([]);
  expect(admitted(' { iut: "[SYN] Seq=$x" }').errors.map(({ found }) => found)).toEqual([
    '`$x`, which nothing binds',
  ]);
});

test('a window scale beyond 14 can be sent', () => {
  const [field] = step('  - send: "[SYN] WS=32768"', 'send').send.pattern.fields;
  expect(field).toMatchObject({ name: 'WS', value: { value: { value: 32768 } } });
});

test('what a send sets to one value, an expect judges by any', () => {
  const [first] = steps(`
  - expect: "[ACK]"
    tcp.hdr_len: 20..60
    tcp.window_size_value: ">=1"
    tcp.checksum: "!=0"
    tcp.options.wscale.shift: absent
    tcp.flags.res: 0
`);
  expect(first).toMatchObject({
    item: { pattern: { fields: [{ value: { kind: 'range' } }, {}, {}, { value: { kind: 'absent' } }, {}] } },
  });
});

describe('overrides', () => {
  const overridesOf = (text: string, families?: string) => step(text, 'send', families).send.overrides;

  test('every kind of value', () => {
    expect(
      overridesOf(
        `
  - send: "[SYN] ip.id=7 tcp.hdr_len=16"
    checksum: bad
    ip.checksum: 0
    ip.flags.df: true
    ip.flags.mf: 1
    eth.dst: "02:00:00:00:00:09"
    ip.src: 10.0.0.9
    options: "02 04 05 b4"
    tcp.flags.res: 7
    fragments: { size: 24, order: [1, 0] }
    truncate: 12
    pad: "00:00"
`,
        'ipv4',
      ),
    ).toEqual({
      'ip.id': 7,
      'tcp.hdr_len': 16,
      'tcp.checksum': 'bad',
      'ip.checksum': 0,
      'ip.flags.df': true,
      'ip.flags.mf': true,
      'eth.dst': '02:00:00:00:00:09',
      'ip.src': '10.0.0.9',
      'tcp.options': Uint8Array.of(2, 4, 5, 0xb4),
      'tcp.flags.res': 7,
      fragments: { size: 24, order: [1, 0] },
      truncate: 12,
      pad: Uint8Array.of(0, 0),
    });
  });

  test('a field of one family together with its twin serves both', () => {
    expect(overridesOf('  - { send: "[SYN]", ip.src: 10.0.0.9, ipv6.src: "fd00::9" }')).toEqual({
      'ip.src': '10.0.0.9',
      'ipv6.src': 'fd00::9',
    });
  });

  test.each(OVERRIDES.map((spec) => [spec.key, spec] as const))(
    '%s at both ends of its range',
    (key, spec) => {
      const accepts = (text: string) => {
        const families = spec.family ?? 'ipv4';
        const { errors } = loadCases(
          'f',
          `id: x\ntitle: X\nfamilies: ${families}\niut: server\nsteps:\n  - { send: "[SYN]", ${key}: ${text} }`,
        );
        return errors.length === 0;
      };
      const { value } = spec;
      switch (value.kind) {
        case 'number':
          for (const [text, is] of [
            [value.min, true],
            [value.max, true],
            [value.min - 1, false],
            [value.max + 1, false],
            ['bad', value.word === 'bad'],
            ['1.5', false],
          ] as const) {
            expect([text, accepts(String(text))]).toEqual([text, is]);
          }
          break;
        case 'boolean':
          expect(['true', 'false', '1', '0', '2', 'x'].map(accepts)).toEqual([
            true,
            true,
            true,
            true,
            false,
            false,
          ]);
          break;
        case 'octets':
          expect(['"00 ff"', '""', '"0"', '"xx"', `"${'00'.repeat(value.max + 1)}"`].map(accepts)).toEqual([
            true,
            true,
            false,
            false,
            false,
          ]);
          break;
        case 'mac':
          expect(['"02:00:00:00:00:01"', '"02:00"'].map(accepts)).toEqual([true, false]);
          break;
        case 'ipv4':
          expect(
            ['10.0.0.255', '255.255.255.255', '10.0.0.256', '10.0.0', '"fd00::1"', '10.0.0.1.'].map(accepts),
          ).toEqual([true, true, false, false, false, false]);
          break;
        case 'ipv6':
          expect(['"fd00::1"', '"::"', '10.0.0.1', '"fd00"'].map(accepts)).toEqual([
            true,
            true,
            false,
            false,
          ]);
          break;
        case 'fragments':
          expect(
            ['24', '{ size: 8 }', '7', '{ size: 8, order: [-1] }', '{ order: [0] }'].map(accepts),
          ).toEqual([true, true, false, false, false]);
          break;
      }
    },
  );
});

describe('iut', () => {
  const action = (text: string) => step(text, 'iut').action;

  test.each([
    ['send "x"', { op: 'send', args: { data: 'x' } }],
    ['send "a\\\\nb \\\\u0041"', { op: 'send', args: { data: 'a\nb A' } }],
    ["send ''x'' repeat=1000 urgent=true", { op: 'send', args: { data: 'x', repeat: 1000, urgent: true } }],
    ['send hex=00ff', { op: 'send', args: { hex: '00ff' } }],
    ['receive 20', { op: 'receive', args: { bytes: 20 } }],
    ['receive', { op: 'receive', args: {} }],
    ['receive 5 timeout=2s', { op: 'receive', args: { bytes: 5, timeoutMs: 2000 } }],
    ['connect 8080', { op: 'connect', args: { port: 8080 } }],
    ['connect port=8080 local-port=1', { op: 'connect', args: { port: 8080, localPort: 1 } }],
    [
      'set no-delay=true user-timeout=5s',
      { op: 'set', args: { options: { noDelay: true, userTimeoutMs: 5000 } } },
    ],
    ['close', { op: 'close', args: {} }],
    ['abort', { op: 'abort', args: {} }],
    ['shutdown', { op: 'shutdown', args: {} }],
    ['status', { op: 'status', args: {} }],
  ])('%s', (text, expected) => {
    const quoted = text.includes('\\\\') ? `"${text.replaceAll('"', '\\"')}"` : `'${text}'`;
    expect(action(`  - iut: ${quoted}`)).toEqual(expected);
  });

  test('plain, as in the documentation', () => {
    expect(action('  - iut: send "x"')).toEqual({ op: 'send', args: { data: 'x' } });
  });

  test('a mapping', () => {
    expect(action('  - iut: { op: send, data: x, repeat: 3 }')).toEqual({
      op: 'send',
      args: { data: 'x', repeat: 3 },
    });
    expect(action('  - iut: { op: set, options: { keep-alive: { idle: 5s, count: 3 } } }')).toEqual({
      op: 'set',
      args: { options: { keepAlive: { idleMs: 5000, count: 3 } } },
    });
  });

  test.each([
    ['end', { end: true }],
    ['ok', { ok: true }],
    ['ECONNRESET', { ok: false, error: 'ECONNRESET' }],
    ['"ECONNRESET"', { data: 'ECONNRESET' }],
    ['"Hello"', { data: 'Hello' }],
    [
      '{ bytes: 5, end: false, state: [CLOSE-WAIT, LAST-ACK] }',
      { bytes: 5, end: false, state: ['CLOSE-WAIT', 'LAST-ACK'] },
    ],
    ['{ error: [ECONNREFUSED, ECONNRESET] }', { error: ['ECONNREFUSED', 'ECONNRESET'] }],
  ])('returns %s', (text, expected) => {
    expect(action(`  - iut: receive\n    returns: ${text}`).expect).toEqual(expected);
  });

  test('within is how long the call may take, after a wait before it', () => {
    const [wait, iut] = steps('  - iut: receive 5\n    within: 2s\n    after: 100ms');
    expect(wait).toMatchObject({ kind: 'wait', ms: 100 });
    expect(iut).toMatchObject({ action: { args: { bytes: 5, timeoutMs: 2000 } } });
  });
});

describe('icmp', () => {
  test('a name means type and code of both families', () => {
    expect(step('  - icmp: port-unreachable', 'icmp').message).toEqual({
      error: 'port-unreachable',
      ipv4: { type: 3, code: 3 },
      ipv6: { type: 1, code: 4 },
    });
  });

  test('details', () => {
    expect(
      step(
        '  - icmp: { error: packet-too-big, mtu: 1280, seq: SND.UNA-1, octets: 8, from: 10.0.0.9 }',
        'icmp',
        'ipv4',
      ).message,
    ).toMatchObject({ mtu: 1280, octets: 8, from: '10.0.0.9', seq: { kind: 'binary', op: '-' } });
    expect(step('  - icmp: { type: 3, code: 9, checksum: bad }', 'icmp').message).toMatchObject({
      ipv4: { type: 3, code: 9 },
      ipv6: { type: 3, code: 9 },
      checksum: 'bad',
    });
  });
});
