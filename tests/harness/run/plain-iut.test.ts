import { describe, expect, test } from '@jest/globals';
import { loadCases } from '../../../harness/case/load.js';
import { parseImplementation } from '../../../harness/run/implementation.js';
import { wantsClosedPort, whyUnsupported } from '../../../harness/run/plain-iut.js';

const ECHO = 'server: { command: [echo-server] }';
const DISCARD = 'server: { command: [discard-server], service: discard }';
const CLIENT = 'client: { command: [client] }';
const UPPER = 'upper-tester: [stack]';
const STDIO = 'server: { command: [nc], stdio: true }';

function why(body: string, programs: string): string | undefined {
  return whyUnsupported(
    caseOf(body),
    parseImplementation(`name: mine\nattach: kernel\n${programs}\n`, 'mine.yaml'),
  );
}

function caseOf(body: string) {
  const { cases, errors } = loadCases('case.yaml', `id: one\ntitle: one\npurpose: one\ncovers: []\n${body}`);
  if (errors[0]) throw errors[0];
  return cases[0]!;
}

const script = (role: string, start: string, ...steps: string[]) =>
  `iut: ${role}\nstart: ${start}\nsteps:\n${steps.map((step) => `  - ${step}`).join('\n')}\n`;
const HANDSHAKE = script('server', 'LISTEN', 'send: "[SYN] Seq=0 Win=1"', 'expect: "[SYN, ACK] Seq=0 Ack=1"');
const DATA = script('server', 'ESTABLISHED', 'send: "[PSH, ACK] Seq=1 Ack=1 Len=5"', 'expect: "[ACK] Ack=6"');
const PAYLOAD = script(
  'server',
  'ESTABLISHED',
  '{ send: "[PSH, ACK] Seq=1 Ack=1", payload: x }',
  'quiet: 10ms',
);
const EMPTY = script('server', 'ESTABLISHED', 'send: "[ACK] Seq=1 Ack=1 Len=0"', 'quiet: 10ms');

describe('what a program without an upper tester can run', () => {
  test.each([
    ['a handshake', HANDSHAKE, ECHO],
    ['segments without data', EMPTY, ECHO],
    ['data, where it is discarded', DATA, DISCARD],
    [
      'a client that connects by itself',
      script('client', 'CLOSED', 'iut: connect', 'expect: "[SYN] Seq=0"'),
      CLIENT,
    ],
    [
      'a close that is not to be taken',
      script(
        'server',
        'ESTABLISHED',
        '{ send: "[FIN, ACK] Seq=1 Ack=1 Len=0", checksum: bad }',
        'quiet: 10ms',
      ),
      ECHO,
    ],
    ['a closed port', script('server', 'CLOSED', 'send: "[SYN] Seq=0 Win=1"', 'quiet: 10ms'), ECHO],
    ['everything, with an upper tester', script('server', 'CLOSE-WAIT', 'iut: close'), UPPER],
    ['everything, through its streams', DATA, STDIO],
  ])('%s', (_, body, programs) => {
    expect(why(body, programs)).toBeUndefined();
  });

  test.each([
    ['data to an echo', DATA, ECHO, /echo would be in the way; a server with service: discard/],
    ['a payload to an echo', PAYLOAD, ECHO, /echo would be in the way/],
    [
      'a state behind a close',
      script('server', 'FIN-WAIT-1', 'quiet: 10ms'),
      DISCARD,
      /FIN-WAIT-1 is reached by closing/,
    ],
    [
      'a close that it would answer',
      script('server', 'ESTABLISHED', 'send: "[FIN, ACK] Seq=1 Ack=1 Len=0"', 'quiet: 10ms'),
      DISCARD,
      /it would close by itself when its peer does/,
    ],
    [
      'a client that gives up',
      'client: { give-up: 4s }\nserver: { stack: linux }\nexpect:\n  - client: "[SYN] Seq=0"\n',
      CLIENT,
      /the case says when it gives up/,
    ],
    ['a call', script('server', 'ESTABLISHED', 'iut: abort'), ECHO, /the case wants it to abort/],
    ['another listener', script('server', 'ESTABLISHED', 'iut: listen 8081'), ECHO, /wants it to listen/],
    [
      'what came of a call',
      script('client', 'SYN-SENT', '{ iut: wait, returns: { ok: false } }'),
      CLIENT,
      /wants to know what came of its wait/,
    ],
    ['a client that must wait', script('client', 'CLOSED', 'quiet: 10ms'), CLIENT, /connects by itself/],
    [
      'a role without a program',
      script('client', 'SYN-SENT', 'quiet: 10ms'),
      ECHO,
      /^mine has no client command$/,
    ],
  ])('not %s', (_, body, programs, reason) => {
    expect(why(body, programs)).toMatch(reason);
  });
});

test('a server whose port is to be closed listens elsewhere', () => {
  expect(wantsClosedPort(caseOf(script('server', 'CLOSED', 'quiet: 10ms')))).toBe(true);
  expect(wantsClosedPort(caseOf(HANDSHAKE))).toBe(false);
});
