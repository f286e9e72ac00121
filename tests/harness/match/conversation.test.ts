import { describe, expect, test } from '@jest/globals';
import { matchConversation } from '../../../harness/match/conversation.js';
import type { MatchResult } from '../../../harness/match/verdict.js';
import { client, observed, packets, roleOf, server } from './build.js';
import type { PacketText } from './build.js';

const ECHO = `
id: echo
title: Echo between two user-space stacks completes without a reset
covers: [MUST-2]
client: { port: 12345 }
server: { port: 8080 }
expect:
  - client: "[SYN] Seq=0 Win=65535 Len=0"
  - server: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0"
  - client: "[ACK] Seq=1 Ack=1 Len=0"
  - client: "[PSH, ACK] Seq=1 Ack=1 Len=14"
    payload: "Hello, Server!"
  - server: "[ACK] Seq=1 Ack=15 Len=0"
`;
const SESSION = [
  client('[SYN] Seq=0 Win=65535 Len=0'),
  server('[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0'),
  client('[ACK] Seq=1 Ack=1 Win=65535 Len=0'),
  client('[PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14', { payload: 'Hello, Server!' }),
  server('[ACK] Seq=1 Ack=15 Win=65535 Len=0'),
];

function judge(yaml: string, lines: readonly PacketText[]): MatchResult {
  return matchConversation(observed(yaml), packets(lines), { roleOf, filterHits: new Map() });
}

describe('a session as it should be', () => {
  test('passes, and every packet has its step', () => {
    const result = judge(ECHO, SESSION);
    expect(result.failure?.text).toBeUndefined();
    expect(result.verdict).toBe('pass');
    expect(result.marks.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  });
  test('fails at the reset that does not belong to it', () => {
    const reset = client('[RST] Seq=1 Win=0 Len=0');
    const { verdict, failure } = judge(ECHO, [...SESSION.slice(0, 2), reset, ...SESSION.slice(2)]);
    expect([verdict, failure?.kind, failure?.step, failure?.frame]).toEqual(['fail', 'unexpected', 3, 3]);
  });
});
