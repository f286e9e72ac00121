import { describe, expect, test } from '@jest/globals';

import { CaseError } from '../../../harness/case/case-error.js';
import { loadCases } from '../../../harness/case/load.js';
import type { LoadContext } from '../../../harness/case/load.js';

const HEAD = 'id: x\ntitle: X\n';

function errorsOf(text: string, context?: LoadContext): string {
  const { cases, errors } = loadCases('expectations/x.yaml', text, context);
  expect(cases).toEqual([]);
  expect(errors.every((error) => error instanceof CaseError)).toBe(true);
  return errors.map(String).join('\n\n');
}

/** Place and found part of each problem, where the frame says nothing new. */
function brief(text: string, context?: LoadContext): string[] {
  const { errors } = loadCases('f', text, context);
  return errors.map(({ place, found, remedy }) =>
    [`${place.line}:${place.column} ${found}`, ...(remedy === undefined ? [] : [remedy])].join(' -> '),
  );
}

test('a problem in a line points at the word within the line', () => {
  expect(errorsOf(`${HEAD}expect:\n  - client: "[SYN] Sqe=0 Len=0"\n`)).toMatchInlineSnapshot(`
    "expectations/x.yaml:4:20: unknown key \`Sqe\`
      expected: [FLAGS], Seq= Ack= Win= Urg= Len= MSS= WS= SACK_PERM TSval= TSecr= SLE= SRE= TTL= DSCP= ECN=, or a tshark field name with =
      remedy: did you mean \`Seq\`?

      3 | expect:
    > 4 |   - client: "[SYN] Sqe=0 Len=0"
        |                    ^^^"
  `);
});

test('several problems come at once, in the order of the file', () => {
  expect(
    errorsOf(`id: Echo
titel: Echo
level: must
client: { prot: 1, app: { recieve: 20 } }
expect:
  - clinet: "[SYN]"
  - server: "[SYN, AKC] Ack=RCV.NTX"
    within: 300
`),
  ).toMatchInlineSnapshot(`
    "expectations/x.yaml:1:1: no \`title\`
      expected: \`title:\` with one line that says what is shown

    > 1 | id: Echo
        | ^

    expectations/x.yaml:1:5: \`Echo\`
      expected: small letters, digits and hyphens: \`rst-in-window\`

    > 1 | id: Echo
        |     ^^^^

    expectations/x.yaml:2:1: unknown key \`titel\`
      expected: one of id, title, purpose, covers, level, tags, on, families, needs, lab, findings, never, admit, mode, table, client, server, expect, iut, start, steps
      remedy: did you mean \`title\`?

      1 | id: Echo
    > 2 | titel: Echo
        | ^^^^^

    expectations/x.yaml:3:8: \`must\`
      expected: one of MUST, SHOULD, MAY
      remedy: did you mean \`MUST\`?

      2 | titel: Echo
    > 3 | level: must
        |        ^^^^

    expectations/x.yaml:4:11: unknown key \`prot\`
      expected: one of stack, attach, port, isn, window, options, listen, more-ports, backlog, accept, to, give-up, app, also
      remedy: did you mean \`port\`?

      3 | level: must
    > 4 | client: { prot: 1, app: { recieve: 20 } }
        |           ^^^^

    expectations/x.yaml:4:27: unknown key \`recieve\`
      expected: one of send, receive, echo, discard, wait, shutdown, close, abort, then
      remedy: did you mean \`receive\`?

      3 | level: must
    > 4 | client: { prot: 1, app: { recieve: 20 } }
        |                           ^^^^^^^

    expectations/x.yaml:6:5: unknown key \`clinet\`
      expected: one of client, server, any-order, one-of, quiet
      remedy: did you mean \`client\`?

      5 | expect:
    > 6 |   - clinet: "[SYN]"
        |     ^^^^^^

    expectations/x.yaml:7:20: unknown flag \`AKC\`
      expected: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE, each also as !NAME (must be clear) or ?NAME (not judged), <None>, or tcpdump's S . P F R
      remedy: did you mean \`ACK\`?

      6 |   - clinet: "[SYN]"
    > 7 |   - server: "[SYN, AKC] Ack=RCV.NTX"
        |                    ^^^

    expectations/x.yaml:7:29: unknown name \`RCV.NTX\`
      expected: a number, $variable, or one of SND.UNA, SND.NXT, SND.WND, RCV.NXT, RCV.WND, ISS, IRS, MSS, SEG.SEQ, SEG.ACK, SEG.LEN
      remedy: did you mean \`RCV.NXT\`?

      6 |   - clinet: "[SYN]"
    > 7 |   - server: "[SYN, AKC] Ack=RCV.NTX"
        |                             ^^^^^^^

    expectations/x.yaml:8:13: the number \`300\`
      expected: a time with its unit: \`300ms\`, \`1.5s\`, \`2m\`
      remedy: add the unit: \`300ms\` or \`300s\`

      7 |   - server: "[SYN, AKC] Ack=RCV.NTX"
    > 8 |     within: 300
        |             ^^^"
  `);
});

test('the parts are there for programs', () => {
  const [error] = loadCases('f.yaml', `${HEAD}expect:\n  - client: "[SYN] Sqe=0"\n`).errors;
  expect(error).toMatchObject({
    place: { file: 'f.yaml', line: 4, column: 20 },
    found: 'unknown key `Sqe`',
    remedy: 'did you mean `Seq`?',
  });
  expect(error?.expected).toContain('Seq=');
});

describe('places inside scalars', () => {
  const column = (expectation: string) => {
    const [error] = loadCases('f', `${HEAD}expect:\n${expectation}\n`).errors;
    return error === undefined ? undefined : [error.place.line, error.place.column];
  };

  test.each([
    ['plain', '  - client: Seq=0 Bad=1', [4, 19]],
    ['double quoted', '  - client: "Seq=0 Bad=1"', [4, 20]],
    ['double quoted with escapes', '  - client: "\\x53eq=0\\tBad=1"', [4, 24]],
    ['double quoted with a wide escape', '  - client: "\\U0001F600 Bad=1"', [4, 14]],
    ['single quoted', "  - client: 'Seq=0 Bad=1'", [4, 20]],
    ['single quoted with a quote before', "  - client: '''x Bad=1'", [4, 14]],
    ['literal block', '  - client: |\n      Seq=0\n      Bad=1', [6, 7]],
    ['in a mapping', '  - client: { Seq: "1+bad" }', [4, 23]],
    ['in a flow list', '  - client: { flags: [SYN, AKC] }', [4, 28]],
    ['behind an anchor', '  - client: &a "Seq=0 Bad=1"', [4, 23]],
    ['through an alias', '  - client: &a "Bad=1"\n  - client: *a', [4, 17]],
  ])('%s', (_, expectation, place) => {
    expect(column(expectation)).toEqual(place);
  });
});

describe('what is wrong with a case as a whole', () => {
  test.each<[string, string]>([
    ['', '1:1 a file without a case'],
    ['# only a remark\n', '1:1 a file without a case'],
    ['just text', '1:1 `just text`'],
    ['- a\n- b', '1:1 a list'],
    [`${HEAD}expect: []\n---\n${HEAD}expect: []`, '5:5 a second case `x`'],
    [HEAD, '1:1 a case that expects nothing -> a scripted case has `iut` and `steps` instead'],
    [`${HEAD}iut: server\nsteps: []`, '4:8 an empty list'],
    [`${HEAD}iut: server`, '1:1 no `steps`'],
    [`${HEAD}steps: [quiet: 1s]`, '1:1 no `iut`'],
    [`${HEAD}iut: server\nsteps: [quiet: 1s]\nexpect: []`, '5:1 `expect` in a scripted case'],
    [`${HEAD}expect: []\nstart: LISTEN`, '4:1 `start` in an observed case'],
    [`id: x\nexpect: []`, '1:1 no `title`'],
    [`id: A_b\ntitle: X\nexpect: []`, '1:5 `A_b`'],
    [
      `id: x\nid: y\ntitle: X\nexpect: []`,
      '2:1 the key `id` a second time -> a mapping holds each key once; use a list where the order or a repetition matters',
    ],
    [`${HEAD}expect: []\nfamilies: [ipv5]`, '4:12 `ipv5` -> did you mean `ipv4`?'],
    [`${HEAD}expect: []\nmode: stric`, '4:7 `stric` -> did you mean `strict`?'],
    [`${HEAD}expect: []\ncovers: { a: b }`, '4:9 a mapping with `a`'],
    [
      `${HEAD}expect: []\nlab: { mtu: 600 }`,
      '4:13 an MTU of 600 in a case that runs over IPv6 too -> say `families: [ipv4]` in the case',
    ],
    [`${HEAD}expect: []\nnever: [""]`, '4:9 an empty text'],
    [`${HEAD}expect: []\nclient: 5`, '4:9 the number `5`'],
    [`${HEAD}expect:`, '3:1 `expect:` with nothing behind it'],
  ])('%j', (text, found) => {
    expect(brief(text)).toEqual([found]);
  });
});

describe('what is wrong with a packet', () => {
  test.each<[string, string]>([
    ['- client: [SYN]', '4:13 a list'],
    ['- client:', '4:5 `client:` with nothing behind it'],
    ['- client: ""', '4:14 an empty line'],
    ['- client: "[SYN]"\n    server: "[ACK]"', '5:5 `server` beside `client` -> begin a new item with "-"'],
    ['- client: "[SYN]"\n    wthin: 1s', '5:5 unknown key `wthin` -> did you mean `within`?'],
    ['- client: "[SYN]"\n    within: 300', '5:13 the number `300` -> add the unit: `300ms` or `300s`'],
    ['- client: "[SYN]"\n    within: 1s\n    after: 2s', '5:13 `within` shorter than `after`'],
    ['- client: "[SYN]"\n    within: 99h', '5:13 `99h`'],
    ['- client: "[SYN]"\n    times: 3..1', '5:15 the range 3..1, which holds nothing'],
    ['- client: "[SYN]"\n    times: 1|3', '5:12 `1|3`'],
    ['- client: "[SYN] Seq=0"\n    Seq: 1', '5:5 `Seq` a second time'],
    ['- client: "[SYN]"\n    payload: { hex: "0" }', '5:21 `0`'],
    ['- client: "[SYN]"\n    payload: { repeat: { text: x, times: -1 } }', '5:42 the number `-1`'],
    ['- client: "[SYN]"\n    payload: { txt: x }', '5:16 unknown key `txt` -> did you mean `text`?'],
    [
      '- client: "[ACK] Ack=$x"',
      '4:20 `$x`, which nothing binds -> bind it with `let: { x: Seq }` at a packet before this one',
    ],
    ['- client: "[SYN]"\n    let: { x: Sqe }', '5:15 `Sqe` -> did you mean `Seq`?'],
    ['- client: "[SYN]"\n    let: { "x-y": Seq }', '5:12 `x-y`'],
    [
      '- client: "[SYN]"\n    ip.id: 5',
      '5:5 `ip.id` in a case that runs over IPv6 too -> say `families: [ipv4]` in the case',
    ],
    ['- client: { analysis: retransmited }', '4:25 `retransmited`'],
    ['- client: "[ACK] Len=3"\n    payload: "four"', '4:20 `Len=3` beside a payload of 4 octets'],
    ['- client: "[SYN] WS=7"', '4:20 `WS=7`'],
    ['- client: "[SYN] WS=32768"', '4:20 `WS=32768`'],
    ['- client: { TTL: 256 }', '4:15 `TTL=256`'],
    ['- client: { Seq: }', '4:15 `Seq:` with nothing behind it'],
    ['- client: { tcp.flags: 4096 }', '4:26 the number `4096`'],
    ['- one-of: [client: "[ACK]"]', '4:13 1 alternative(s)'],
    ['- quiet: 300ms\n    client: "[RST]"', '5:5 `client` beside `quiet` -> begin a new item with "-"'],
    ['- client: "[RST]"\n    count: 0\n    within: 1s', '6:5 `within`'],
  ])('%j', (item, found) => {
    expect(brief(`${HEAD}expect:\n  ${item}`)).toEqual([found]);
  });
});

describe('what is wrong with a step', () => {
  test.each<[string, string]>([
    ['- send: "Seq=0"', '5:11 a segment without flags -> write [<None>] for a segment that has none set'],
    ['- send: "[ACK] Seq=1..2"', '5:18 `Seq=1..2`'],
    ['- send: "[SYN] WS=32767"', '5:18 `WS=32767`'],
    ['- send: "[ACK] MSS=any"', '5:18 `MSS=any`'],
    ['- send: "[ACK]"\n    payload: any', '6:14 `any`'],
    ['- send: "[ACK]"\n    checksum: bda', '6:15 `bda`'],
    ['- send: "[ACK] tcp.hdr_len=21"', '5:30 the number `21`'],
    [
      '- send: "[ACK]"\n    tcp.hdr_lem: 20',
      '6:5 `tcp.hdr_lem`, which cannot be set -> did you mean `tcp.hdr_len`?',
    ],
    [
      '- send: "[ACK]"\n    ip.ttl: 1',
      '6:5 `ip.ttl` in a case that runs over IPv6 too -> say `families: [ipv4]` in the case, or give `ipv6.hlim` too',
    ],
    ['- send: "[ACK]"\n    times: 1..3', '6:12 `1..3`'],
    ['- send: "[ACK]"\n    expect: "[ACK]"', '6:5 `expect` beside `send` -> begin a new item with "-"'],
    ['- server: "[ACK]"', '5:5 unknown key `server`'],
    ['- quite: 1s', '5:5 unknown key `quite` -> did you mean `quiet`?'],
    ['- iut: snd "x"', '5:10 `snd` -> did you mean `send`?'],
    ['- iut: send 500', '5:15 `500`'],
    ['- iut: receive end', '5:18 `end` -> write `iut: receive` with `returns: end` beside it'],
    ['- iut: { op: send, dta: x }', '5:22 unknown key `dta` -> did you mean `data`?'],
    ['- iut: { data: x }', '5:10 no `op`'],
    [
      '- icmp: source-quench',
      '5:11 `source-quench`, which ICMPv6 does not have -> say `families: [ipv4]` in the case',
    ],
    [
      '- icmp: { type: 3, from: 10.0.0.9 }',
      '5:28 the address `10.0.0.9` in a case that runs over IPv6 too -> say `families: [ipv4]` in the case',
    ],
    ['- icmp: { type: 3, from: nobody }', '5:28 `nobody`'],
    ['- icmp: { mtu: 5 }', '5:11 a mapping with `mtu`'],
    ['- any-order: [ { send: "[ACK]" } ]', '5:20 unknown key `send`'],
  ])('%j', (item, found) => {
    expect(brief(`${HEAD}iut: server\nsteps:\n  ${item}`)).toEqual([found]);
  });
});

describe('what the caller knows is checked', () => {
  const text = `${HEAD}covers: MUST-21\non: [linx]\nfindings: kernel-rst\nexpect:\n  - client: "[SYN]"\n    tcp.optons.mss_val: 1\n`;

  test('against', () => {
    const context = {
      requirements: new Set(['MUST-2']),
      implementations: new Set(['linux']),
      findings: new Set(['kernel-reset']),
      tsharkFields: new Set(['tcp.options.mss_val']),
    };
    expect(brief(text, context)).toEqual([
      '3:9 unknown requirement `MUST-21` -> did you mean `MUST-2`?',
      '4:6 unknown implementation `linx` -> did you mean `linux`?',
      '5:11 unknown finding `kernel-rst` -> did you mean `kernel-reset`?',
      '8:5 `tcp.optons.mss_val`, a field that tshark does not know -> did you mean `tcp.options.mss_val`?',
    ]);
  });

  test('and only that', () => {
    expect(brief(text)).toEqual([]);
  });
});

describe('what is not YAML', () => {
  test.each<[string, string]>([
    ['id: x\n\ttitle: X\n', '2:1'],
    ['id: [1, 2\ntitle: x\n', '2:1'],
    ['id: "x\n', '2:1'],
    ['title: a: b\n', '1:9'],
    ['id: x\u0000\n', '1:6'],
    ['id: *x\n', '1:5'],
    ['id: !!python/object x\n', '1:5'],
    ['? [a]\n: b\n', '1:3'],
  ])('%j', (text, place) => {
    const { errors } = loadCases('f', text);
    expect(errors.map(({ place: at }) => `${at.line}:${at.column}`)).toContain(place);
  });

  test('says so with the line and a remedy', () => {
    expect(errorsOf('id: x\ntitle: a: b\n')).toMatchInlineSnapshot(`
      "expectations/x.yaml:2:9: not YAML: bad indentation of a mapping entry
        expected: valid YAML 1.2
        remedy: put a text that contains ": " in double quotes

        1 | id: x
      > 2 | title: a: b
          |         ^"
    `);
    expect(errorsOf('id: x\n\ttitle: X\n')).toMatchInlineSnapshot(`
      "expectations/x.yaml:2:1: not YAML: tab characters must not be used in indentation
        expected: valid YAML 1.2
        remedy: YAML is indented with spaces; replace the tab

        1 | id: x
      > 2 |  title: X
          | ^"
    `);
  });
});

test('nothing from a file can steer a terminal, and a long line is cut', () => {
  const text = errorsOf(`${HEAD}expect:\n  - client: "${'x'.repeat(300)}" # \u001b[31m\u202e`);
  expect(text).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
  for (const line of text.split('\n').filter((each) => each.startsWith('>')))
    expect(line.length).toBeLessThan(140);
});

test('aliases of aliases are stopped before they fill the memory', () => {
  const levels = Array.from({ length: 30 }, (_, index) =>
    index === 0
      ? 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
      : `a${index}: &a${index} [${`*a${index - 1}, `.repeat(10)}]`,
  );
  expect(brief(levels.join('\n'))).toEqual(['1:1 more than 50000 values, aliases counted']);
  expect(
    brief(`a: &a [${'['.repeat(40)}${']'.repeat(40)}]\nb: ${'['.repeat(40)}*a${']'.repeat(40)}`),
  ).toEqual(['1:1 more than 60 levels, aliases counted']);
});

test('payloads and cells that would fill the memory are stopped', () => {
  const big = '{ payload: { repeat: { text: x, times: 16000000 } } }';
  const many = Array.from({ length: 6 }, () => `  - client: ${big}`).join('\n');
  expect(brief(`${HEAD}expect:\n${many}`).at(0)).toMatch(/^8:34 a mapping with `text, times`/);
  const shared = Array.from({ length: 1000 }, () => '  - client: *big').join('\n');
  expect(brief(`${HEAD}expect:\n  - client: &big ${big}\n${shared}`)).toEqual([]);
  const cell = 'y'.repeat(1_000_000);
  const text = `${HEAD}purpose: "${'{{c}}'.repeat(30)}"\nexpect: []\ntable: [{ name: a, c: ${cell} }]`;
  expect(brief(text)).toEqual(['3:10 cells that fill more than 16 Mi characters']);
});
