import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../harness/diagnose/index.js';
import { Talk } from '../../support/talk.js';

describe('kernel-reset', () => {
  test('the kernel of the client resets at packet 3 and the stack goes on', () => {
    const talk = new Talk({ clientPort: 12_345, serverPort: 8080 })
      .client('SYN', { df: false })
      .server('SYN,ACK')
      .client('RST', { seq: 1, win: 0, id: 0 })
      .client('ACK', { ack: 1 })
      .client('PSH,ACK', { payload: 'Hello, Server!' })
      .server('RST', { seq: 1, win: 0, id: 0 });
    const [report] = diagnose(talk.packets);
    expect(report?.findings.map((finding) => [finding.id, finding.severity])[0]).toEqual([
      'kernel-reset',
      'error',
    ]);
    expect(report?.findings[0]?.title).toMatchInlineSnapshot(
      `"Packet 3 is a reset from the kernel of 10.0.0.1 for a socket it does not know"`,
    );
    expect(report?.findings[0]?.explanation).toMatchInlineSnapshot(
      `"Frame 3 comes from the operating system of the client 10.0.0.1:12345, not from the program that owns the connection: window 0, no options, the sequence number 1000001 that frame 2 acknowledged - the form in which a host answers a segment for which it has no socket (RFC 9293 section 3.10.7.1). And the same host goes on with the connection as if there had been no reset (frames 4 and 5) and its reset carries the don't-fragment bit and its SYN does not: two stacks on one host. So a TCP in user space shares its address with the kernel, both saw the packet, and the kernel answered with a reset. The peer takes it for the end of the connection, and answers what follows with resets of its own (frame 6)."`,
    );
    expect(report?.findings[0]?.remedy).toMatchInlineSnapshot(
      `"Keep the kernel from answering: drop its resets on that host, with nft 'add rule inet filter output ip saddr 10.0.0.1 tcp sport 12345 tcp flags & rst == rst drop' (or iptables -A OUTPUT -p tcp -s 10.0.0.1 --sport 12345 --tcp-flags RST RST -j DROP; in a tcpspec case: lab: { kernel-rst: drop }), or give the user-space stack an address of its own that the kernel does not have."`,
    );
    expect(report?.verdicts?.map((v) => `${v.frame} ${v.from} ${v.verdict}: ${v.sentence}`))
      .toMatchInlineSnapshot(`
      [
        "1 client as-expected: The client 10.0.0.1:12345 asks for a connection to 10.0.0.2:8080: initial sequence number 1000000, window 65535, no options.",
        "2 server as-expected: The server accepts: initial sequence number 500000, window 65535, no options.",
        "3 client wrong: The client resets the connection after frame 2. Packet 3 is a reset from the kernel of 10.0.0.1 for a socket it does not know.",
        "4 client as-expected: The client acknowledges the SYN,ACK: the connection is established.",
        "5 client as-expected: The client sends octets 1 to 14 (14 octets).",
        "6 server wrong: The server resets the connection after frame 5. Packet 3 is a reset from the kernel of 10.0.0.1 for a socket it does not know.",
      ]
    `);
    expect(report?.connState).toBe('RSTO');
  });
});
