import { describe, expect, test } from '@jest/globals';
import { matchConversation } from '../../../harness/match/conversation.js';
import type { MatchContext } from '../../../harness/match/conversation.js';
import type { ObservedCase } from '../../../harness/case/model.js';
import { client, expecting, observed, packets, roleOf, server } from './build.js';
import type { PacketText } from './build.js';

const ECHO = observed(
  `id: echo
title: Echo between two user-space stacks completes without a reset
covers: [MUST-2, R9293-3.5]
client: { port: 12345 }
server: { port: 8080 }
expect:
  - client: "[SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128"
  - server: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0"
    within: 500ms
  - client: "[ACK] Seq=1 Ack=1 Len=0"
  - client: "[PSH, ACK] Seq=1 Ack=1 Len=14"
    payload: "Hello, Server!"
  - server: "[ACK] Seq=1 Ack=15 Len=0"
never:
  - tcp.flags.reset == 1
`,
  'expectations/echo.yaml',
);
const [SYN, SYN_ACK, ACK, DATA, DATA_ACK] = [
  client('[SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128'),
  server('[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460'),
  client('[ACK] Seq=1 Ack=1 Win=65535 Len=0'),
  client('[PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14', { payload: 'Hello, Server!' }),
  server('[ACK] Seq=1 Ack=15 Win=65535 Len=0'),
];
const RESET = client('[RST] Seq=1 Win=0 Len=0');

function failure(testCase: ObservedCase, lines: readonly PacketText[], more: Partial<MatchContext> = {}) {
  const captured = packets(lines);
  const resets = new Set(captured.filter(({ tcp }) => tcp.flags & 4).map(({ frame }) => frame));
  const filterHits = new Map([['tcp.flags.reset == 1', resets]]);
  return matchConversation(testCase, captured, { roleOf, filterHits, ...more }).failure;
}

function text(
  testCase: ObservedCase,
  lines: readonly PacketText[],
  more: Partial<MatchContext> = {},
): string {
  const told = failure(testCase, lines, more)?.text ?? 'no failure';
  for (const line of told.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  return told;
}

const SOURCES = {
  capture: '/var/tmp/tcpspec/echo.pcapng',
  rerun: 'tcpspec run expectations/echo.yaml --iut tcp-lite',
};

describe('each kind of failure reads as a whole', () => {
  test('a reset of the kernel in the middle: the packet that is too many, with the rule it breaks too', () => {
    expect(text(ECHO, [SYN, SYN_ACK, RESET, ACK, DATA, DATA_ACK], SOURCES)).toMatchInlineSnapshot(`
      "expectations/echo.yaml:10:13: step 3 of 5: nothing expects packet 3 here
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  client  [ACK]  Seq=1  Ack=1         Len=0
        packet 3  client  [RST]  Seq=1  Ack=0  Win=0  Len=0
                          ^^^^^         ^^^^^

        Flags: expected [ACK] (0x010), actual [RST] (0x004)
        Ack: expected 1 (0x1), actual 0 (0x0), without the ACK flag

      Packet 4 fits here: packet 3 is one too many.
      It is also forbidden at 15:5: never: tcp.flags.reset == 1

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
      >      3  2.000  ---------------->  [RST] Seq=1 Win=0 Len=0
             4  3.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0
             5  4.000  ---------------->  [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14
             6  5.000  <----------------  [ACK] Seq=1 Ack=15 Win=65535 Len=0

      Closest to what is expected: packet 4 (fits), packet 5 (not Len), packet 3 (not Flags, Ack)

      Capture: /var/tmp/tcpspec/echo.pcapng
      Filter:  tcp.stream eq 0 && frame.number == 3
      Again:   tcpspec run expectations/echo.yaml --iut tcp-lite
      "
    `);
  });

  test('a reset that ends it: the packet is held against what was expected', () => {
    expect(text(ECHO, [SYN, SYN_ACK, RESET])).toMatchInlineSnapshot(`
      "expectations/echo.yaml:10:13: step 3 of 5: packet 3 is not what is expected here
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  client  [ACK]  Seq=1  Ack=1         Len=0
        packet 3  client  [RST]  Seq=1  Ack=0  Win=0  Len=0
                          ^^^^^         ^^^^^

        Flags: expected [ACK] (0x010), actual [RST] (0x004)
        Ack: expected 1 (0x1), actual 0 (0x0), without the ACK flag

      It is also forbidden at 15:5: never: tcp.flags.reset == 1

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
      >      3  2.000  ---------------->  [RST] Seq=1 Win=0 Len=0

      Closest to what is expected: packet 3 (not Flags, Ack)

      Filter:  tcp.stream eq 0 && frame.number == 3
      "
    `);
  });

  test('a mismatch in payload and options, which Wireshark has a word for', () => {
    const wrong = client('[PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14', {
      payload: 'Hello, server!',
      analysis: ['retransmission'],
    });
    expect(text(ECHO, [SYN, SYN_ACK, ACK, wrong, DATA_ACK])).toMatchInlineSnapshot(`
      "expectations/echo.yaml:11:13: step 4 of 5: packet 4 is not what is expected here
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  client  [PSH, ACK]  Seq=1  Ack=1             Len=14  payload="Hello, Server!"
        packet 4  client  [PSH, ACK]  Seq=1  Ack=1  Win=65535  Len=14  payload="Hello, server!"
                                                                       ^^^^^^^^^^^^^^^^^^^^^^^^

        payload: expected "Hello, Server!" (14 octets, octet 7 is 0x53)
                 actual   "Hello, server!" (14 octets, octet 7 is 0x73)

      Wireshark calls packet 4 [TCP Retransmission].

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
             3  2.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0                step 3
      >      4  3.000  ---------------->  [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14
             5  4.000  <----------------  [ACK] Seq=1 Ack=15 Win=65535 Len=0

      Closest to what is expected: packet 4 (not payload)

      Filter:  tcp.stream eq 0 && frame.number == 4
      "
    `);
  });

  test('more fields than fit on a line go on in a second block', () => {
    const testCase =
      expecting(`- client: "[SYN] Seq=0 Win=64240 Len=0 MSS=1460 WS=128 SACK_PERM TSval=4294967295 TSecr=0"
  TTL: 65
  tcp.hdr_len: 40
  http.request.full_uri: "http://example.org/"`);
    const syn = client('[SYN] Seq=0 Win=64240 Len=0 MSS=1360 WS=64 SACK_PERM TSval=7 TSecr=0', {
      fields: { 'http.request.full_uri': ['http://example.net/'] },
    });
    expect(text(testCase, [syn])).toMatchInlineSnapshot(`
      "expectations/test.yaml:6:13: step 1 of 1: packet 1 is not what is expected here
      A test

        expected  client  [SYN]  Seq=0  Win=64240  Len=0  MSS=1460  WS=128  SACK_PERM  TSval=4294967295
        packet 1  client  [SYN]  Seq=0  Win=64240  Len=0  MSS=1360  WS=64   SACK_PERM  TSval=7
                                                          ^^^^^^^^  ^^^^^^             ^^^^^^^^^^^^^^^^
        expected  TSecr=0  TTL=65  tcp.hdr_len=40  http.request.full_uri=http://example.org/
        packet 1  TSecr=0  TTL=64  tcp.hdr_len=20  http.request.full_uri=http://example.net/
                           ^^^^^^  ^^^^^^^^^^^^^^  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        MSS: expected 1460 (0x5b4), actual 1360 (0x550)
        WS: expected 128 (0x80), actual 64 (0x40)
        TSval: expected 4294967295 (0xffffffff), actual 7 (0x7)
        TTL: expected 65 (0x41), actual 64 (0x40)
        tcp.hdr_len: expected 40 (0x28), actual 20 (0x14)
        http.request.full_uri: expected http://example.org/, actual http://example.net/

        packet     ms  client    server
      >      1  0.000  ---------------->  [SYN] Seq=0 Win=64240 Len=0 MSS=1360 WS=64 SACK_PERM…

      Closest to what is expected: packet 1 (not MSS, WS, TSval, TTL, tcp.hdr_len, http.request.full_uri)

      Filter:  tcp.stream eq 0 && frame.number == 1
      "
    `);
  });

  test('missing at the end', () => {
    expect(text(ECHO, [SYN, SYN_ACK, ACK], SOURCES)).toMatchInlineSnapshot(`
      "expectations/echo.yaml:11:13: step 4 of 5: no such packet came after packet 3
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  client  [PSH, ACK] Seq=1 Ack=1 Len=14
        actual    nothing

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
             3  2.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0                step 3

      Capture: /var/tmp/tcpspec/echo.pcapng
      Filter:  tcp.stream eq 0
      Again:   tcpspec run expectations/echo.yaml --iut tcp-lite
      "
    `);
  });

  test('missing in the middle', () => {
    expect(text(ECHO, [SYN, SYN_ACK, ACK, DATA_ACK])).toMatchInlineSnapshot(`
      "expectations/echo.yaml:11:13: step 4 of 5: the packet is missing, packet 4 came instead
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  client  [PSH, ACK] Seq=1 Ack=1 Len=14
        actual    nothing

      Packet 4 fits what is expected after it.

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
             3  2.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0                step 3
      >      4  3.000  <----------------  [ACK] Seq=1 Ack=15 Win=65535 Len=0

      Filter:  tcp.stream eq 0 && frame.number == 4
      "
    `);
  });

  test('unexpected after the end', () => {
    const again = server('[ACK] Seq=1 Ack=15 Win=65535 Len=0', { analysis: ['duplicate_ack'] });
    expect(text(ECHO, [SYN, SYN_ACK, ACK, DATA, DATA_ACK, again])).toMatchInlineSnapshot(`
      "expectations/echo.yaml:13:13: step 5 of 5: packet 6 came after everything expected
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  no further packet
        actual    server  [ACK] Seq=1 Ack=15 Win=65535 Len=0

      Wireshark calls packet 6 [TCP Dup ACK].

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
             3  2.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0                step 3
             4  3.000  ---------------->  [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14          step 4
             5  4.000  <----------------  [ACK] Seq=1 Ack=15 Win=65535 Len=0               step 5
      >      6  5.000  <----------------  [ACK] Seq=1 Ack=15 Win=65535 Len=0

      Filter:  tcp.stream eq 0 && frame.number == 6
      "
    `);
  });

  test('in another order', () => {
    expect(text(ECHO, [SYN, SYN_ACK, ACK, DATA_ACK, DATA])).toMatchInlineSnapshot(`
      "expectations/echo.yaml:11:13: step 4 of 5: nothing expects packet 4 here
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  client  [PSH, ACK]  Seq=1  Ack=1              Len=14  payload="Hello, Server!"
        packet 4  server  [ACK]       Seq=1  Ack=15  Win=65535  Len=0   payload=""
                  ^^^^^^

        from: expected client, actual server

      Packets 4 and 5 would fit in the other order.

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
             3  2.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0                step 3
      >      4  3.000  <----------------  [ACK] Seq=1 Ack=15 Win=65535 Len=0
             5  4.000  ---------------->  [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14

      Closest to what is expected: packet 5 (fits)

      Filter:  tcp.stream eq 0 && frame.number == 4
      "
    `);
  });

  test('never', () => {
    const testCase = expecting('- client: "[SYN]"', 'mode: subsequence\nnever:\n  - tcp.flags.reset == 1');
    expect(text(testCase, [SYN, server('[RST, ACK] Seq=0 Ack=1 Win=0 Len=0')])).toMatchInlineSnapshot(`
      "expectations/test.yaml:7:5: step 1 of 1: packet 2 is one that must never come
      A test

        expected  never: tcp.flags.reset == 1
        actual    server  [RST, ACK] Seq=0 Ack=1 Win=0 Len=0

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128  step 1
      >      2  1.000  <----------------  [RST, ACK] Seq=0 Ack=1 Win=0 Len=0

      Filter:  tcp.stream eq 0 && frame.number == 2
      "
    `);
  });

  test('too late', () => {
    expect(text(ECHO, [SYN, { ...SYN_ACK, at: 612.3 }, { ...ACK, at: 613 }])).toMatchInlineSnapshot(`
      "expectations/echo.yaml:8:13: step 2 of 5: packet 2 came too late
      Echo between two user-space stacks completes without a reset (MUST-2, R9293-3.5)

        expected  server  [SYN, ACK]  Seq=0  Ack=1  Win=65535  Len=0
        packet 2  server  [SYN, ACK]  Seq=0  Ack=1  Win=65535  Len=0

        time: expected at most 500 ms after what comes before it, actual 612.3 ms after it

        packet       ms  client    server
             1    0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
      >      2  612.300  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460
             3  613.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0

      Closest to what is expected: packet 2 (fits)

      Filter:  tcp.stream eq 0 && frame.number == 2
      "
    `);
  });

  test('too early', () => {
    const testCase = expecting(
      '- client: "[SYN]"\n- client: "[SYN]"\n  after: 900ms\n  analysis: retransmission',
    );
    const again = client('[SYN] Seq=0 Win=65535 Len=0', { at: 200, analysis: ['retransmission'] });
    expect(text(testCase, [SYN, again])).toMatchInlineSnapshot(`
      "expectations/test.yaml:7:13: step 2 of 2: packet 2 came too early
      A test

        expected  client  [SYN]                           analysis=retransmission
        packet 2  client  [SYN]  Seq=0  Win=65535  Len=0  analysis=retransmission

        time: expected at least 900 ms after what comes before it, actual 200 ms after it

      Wireshark calls packet 2 [TCP Retransmission].

        packet       ms  client    server
             1    0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128  step 1
      >      2  200.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0

      Closest to what is expected: packet 2 (fits)

      Filter:  tcp.stream eq 0 && frame.number == 2
      "
    `);
  });

  test('quiet', () => {
    const testCase = expecting('- client: "[SYN]"\n- quiet: 300ms\n  from: client');
    expect(text(testCase, [SYN, client('[SYN] Seq=0 Win=65535 Len=0', { at: 112.5 })]))
      .toMatchInlineSnapshot(`
      "expectations/test.yaml:7:5: step 2 of 2: packet 2 broke the silence after 112.5 ms
      A test

        expected  quiet: 300 ms from the client
        actual    client  [SYN] Seq=0 Win=65535 Len=0

        packet       ms  client    server
             1    0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128  step 1
      >      2  112.500  ---------------->  [SYN] Seq=0 Win=65535 Len=0

      Filter:  tcp.stream eq 0 && frame.number == 2
      "
    `);
  });

  test('count', () => {
    const testCase = expecting('- client: "[SYN]"\n  times: 1..9\n- client: "[SYN]"\n  count: 2..3');
    expect(text(testCase, [SYN])).toMatchInlineSnapshot(`
      "expectations/test.yaml:8:13: step 2 of 2: 1 such packet came, expected 2..3
      A test

        expected  [SYN], count 2..3
        actual    1 such packet (packet 1)

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128  step 1

      Filter:  tcp.stream eq 0
      "
    `);
  });

  test('values that a case calculates, and a variable that nothing bound', () => {
    const testCase = expecting(`- client: "[SYN] Seq=0"
  let: { win: Win }
- server: "[SYN, ACK] Win=$win/2..$win Ack=>0"
  optional: true
  let: { theirs: Win }
- client: "[ACK] Win=$theirs+1|$win-1 Len<=10"`);
    expect(text(testCase, [SYN, client('[ACK] Seq=1 Ack=1 Win=7 Len=11')])).toMatchInlineSnapshot(`
      "expectations/test.yaml:11:13: step 3 of 3: packet 2 is not what is expected here
      A test

        expected  client  [ACK]                Win=$theirs+1|$win-1  Len<=10
        packet 2  client  [ACK]  Seq=1  Ack=1  Win=7                 Len=11
                                               ^^^^^^^^^^^^^^^^^^^^  ^^^^^^^
        where $win is 65535

        Win: expected a value that nothing bound or 65534 (0xfffe), actual 7 (0x7)
        Len: expected <= 10 (0xa), actual 11 (0xb)

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128  step 1
      >      2  1.000  ---------------->  [ACK] Seq=1 Ack=1 Win=7 Len=11

      Closest to what is expected: packet 2 (not Win, Len)

      Filter:  tcp.stream eq 0 && frame.number == 2
      "
    `);
  });

  test('in a subsequence, the reset after which nothing came', () => {
    const testCase = expecting(
      '- client: "[SYN]"\n- server: "[SYN, ACK]"\n- client: "[FIN, ACK]"',
      'mode: subsequence',
    );
    expect(text(testCase, [SYN, SYN_ACK, ACK, RESET])).toMatchInlineSnapshot(`
      "expectations/test.yaml:9:13: step 3 of 3: it never came, the client reset with packet 4
      A test

        expected  client  [FIN, ACK]
        actual    nothing

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460  step 2
             3  2.000  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0
      >      4  3.000  ---------------->  [RST] Seq=1 Win=0 Len=0

      Closest to what is expected: packet 3 (not Flags), packet 4 (not Flags)

      Filter:  tcp.stream eq 0 && frame.number == 4
      "
    `);
  });

  test('in a subsequence, the packet that comes closest', () => {
    const testCase = expecting(
      '- client: "[SYN]"\n- client: "[PSH, ACK] Seq=1 Len=14"\n- server: "[ACK] Seq=1 Ack=15"',
      'mode: subsequence',
    );
    const short = server('[ACK] Seq=1 Ack=14 Win=65535 Len=0');
    expect(text(testCase, [SYN, SYN_ACK, DATA, short, client('[FIN, ACK] Seq=15 Ack=1 Len=0')]))
      .toMatchInlineSnapshot(`
      "expectations/test.yaml:9:13: step 3 of 3: packet 4 is not what is expected here
      A test

        expected  server  [ACK]  Seq=1  Ack=15
        packet 4  server  [ACK]  Seq=1  Ack=14  Win=65535  Len=0
                                        ^^^^^^

        Ack: expected 15 (0xf), actual 14 (0xe)

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=128      step 1
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460
             3  2.000  ---------------->  [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14          step 2
      >      4  3.000  <----------------  [ACK] Seq=1 Ack=14 Win=65535 Len=0
             5  4.000  ---------------->  [FIN, ACK] Seq=15 Ack=1 Win=65535 Len=0

      Closest to what is expected: packet 4 (not Ack), packet 2 (not Flags, Seq, Ack)

      Filter:  tcp.stream eq 0 && frame.number == 4
      "
    `);
  });
});

test('what a capture or a case says cannot move the cursor or turn the text around', () => {
  const testCase = expecting('- client: "[SYN]"\n  dns.qry.name: harmless');
  const evil = client('[SYN] Seq=0 Win=1 Len=0', {
    fields: { 'dns.qry.name': ['\u001b[2J\u202e\u0007evil\r\n'] },
  });
  const told = text({ ...testCase, title: 'A\u009b31m title', purpose: '' }, [evil]);
  // eslint-disable-next-line no-control-regex
  expect(told).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(told).toContain('\\u001b[2J\\u202e\\u0007evil');
});
