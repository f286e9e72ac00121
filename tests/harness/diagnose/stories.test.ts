import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../harness/diagnose/index.js';
import type { ConversationReport, Finding } from '../../../harness/diagnose/report.js';
import type { OtherFrame } from '../../../harness/dissect/packet.js';
import { icmpAbout, Talk } from '../../support/talk.js';

const MODERN = { mss: 1460, sackPermitted: true, windowScale: 7 };

function reportsOf(talks: Talk[], others: OtherFrame[] = []): ConversationReport[] {
  const packets = talks.flatMap((talk) => talk.packets).sort((a, b) => a.time - b.time);
  packets.forEach((packet, index) => (packet.frame = index + 1));
  return diagnose(packets, others);
}

/** `SF: warning lost-segments, note orderly-close`, a line a conversation. */
function story(...talks: Talk[]): string[] {
  return reportsOf(talks).map(
    (report) =>
      `${report.connState}: ${report.findings.map(({ severity, id }) => `${severity} ${id}`).join(', ')}`,
  );
}

function finding(id: string, ...talks: Talk[]): Finding {
  const found = reportsOf(talks).flatMap((report) => report.findings.filter((one) => one.id === id));
  if (found[0] === undefined) throw new Error(`no ${id} in: ${story(...talks).join('; ')}`);
  return found[0];
}

const refused = (options = {}): Talk =>
  new Talk(options).client('SYN').server('RST,ACK', { seq: 0, seqRaw: 0, win: 0 });

describe('connections that are not made', () => {
  test('refused', () => {
    expect(story(refused())).toEqual(['REJ: error connection-refused']);
  });

  test('refused after a retry is one story', () => {
    const talk = refused()
      .wait(500)
      .client('SYN', { seq: 0 })
      .server('RST,ACK', { seq: 0, seqRaw: 0, win: 0 });
    expect(story(talk)).toEqual(['REJ: error connection-refused']);
    expect(finding('connection-refused', talk).facts).toEqual({ syns: 2, resets: 2 });
  });

  test('filtered, with the back-off of the repeats', () => {
    const talk = new Talk()
      .client('SYN')
      .wait(999)
      .client('SYN', { seq: 0 })
      .wait(1999)
      .client('SYN', { seq: 0 });
    expect(story(talk)).toEqual(['S0: error syn-unanswered']);
    expect(finding('syn-unanswered', talk).explanation).toContain(
      '1 s and 2 s apart - the exponential back-off',
    );
  });

  test('a router says why', () => {
    const talk = new Talk().client('SYN');
    const [syn] = talk.packets;
    if (syn === undefined) throw new Error('no packet');
    const [report] = reportsOf([talk], [icmpAbout(syn, { from: '10.0.0.254', type: 3, code: 13 })]);
    expect(report?.findings[0]).toMatchObject({
      id: 'destination-unreachable',
      severity: 'error',
      title: '10.0.0.2:80 cannot be reached: communication administratively prohibited by a filter',
    });
  });

  test('the last ACK never comes', () => {
    const talk = new Talk()
      .client('SYN')
      .server('SYN,ACK')
      .wait(999)
      .server('SYN,ACK', { seq: 0 })
      .wait(1999)
      .server('SYN,ACK', { seq: 0 });
    expect(story(talk)).toEqual(['S1: error synack-unanswered']);
  });

  test('the server does not take the ACK', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 5 })
      .wait(999)
      .server('SYN,ACK', { seq: 0, ack: 1 })
      .client('ACK');
    talk.wait(1999).server('SYN,ACK', { seq: 0, ack: 1 });
    expect(story(talk)).toEqual(['S1: error accept-queue-full, note missing-close']);
  });

  test('SYN and SYN,ACK lost once each', () => {
    expect(
      story(
        new Talk().client('SYN').wait(999).client('SYN', { seq: 0 }).server('SYN,ACK').client('ACK').close(),
      ),
    ).toEqual(['SF: warning syn-repeated, note orderly-close']);
    const talk = new Talk()
      .client('SYN')
      .server('SYN,ACK')
      .wait(999)
      .server('SYN,ACK', { seq: 0, ack: 1 })
      .client('ACK')
      .close();
    expect(story(talk)).toEqual(['SF: warning synack-repeated, note orderly-close']);
  });

  test('a reset between SYN,ACK and ACK, from either side', () => {
    expect(story(new Talk().client('SYN').server('SYN,ACK').server('RST,ACK'))).toEqual([
      'RSTR: error reset-in-handshake',
    ]);
    const probe = new Talk({ clientTtl: 45 })
      .client('SYN', { df: false, options: { mss: 1460 } })
      .server('SYN,ACK');
    expect(story(probe.client('RST', { seq: 1, win: 0, ttl: 64 }))).toEqual([
      'RSTO: warning handshake-reset',
    ]);
  });
});

describe('the kernel of a host with a stack in user space', () => {
  test('on the server: it refuses what the stack accepts', () => {
    const talk = new Talk()
      .client('SYN')
      .server('RST,ACK', { seqRaw: 0, win: 0 })
      .server('SYN,ACK')
      .client('ACK')
      .client('PSH,ACK', { len: 5 });
    expect(story(talk)[0]).toMatch(/^\w+: error kernel-reset/);
    expect(finding('kernel-reset', talk)).toMatchObject({ end: 'server' });
  });

  test('in either order', () => {
    const talk = new Talk()
      .client('SYN')
      .server('SYN,ACK')
      .server('RST,ACK', { seqRaw: 0, ackRaw: 1_000_001, win: 0 });
    expect(finding('kernel-reset', talk).explanation).toContain('the same host also accepted the SYN');
  });

  test('told by the TTL of two stacks on one host', () => {
    const talk = new Talk({ clientTtl: 255 })
      .client('SYN')
      .server('SYN,ACK')
      .client('RST', { seq: 1, win: 0, ttl: 64 });
    expect(story(talk)).toEqual(['RSTO: error kernel-reset']);
  });

  test('a server that begins to listen after the first attempt is none', () => {
    const talk = refused()
      .wait(500)
      .client('SYN', { seq: 0 })
      .server('SYN,ACK', { seq: 0 })
      .client('ACK')
      .close();
    expect(story(talk)[0]).not.toContain('kernel-reset');
  });
});

describe('resets of established connections', () => {
  const open = (options = {}): Talk =>
    new Talk(options).handshake(MODERN).client('PSH,ACK', { len: 100 }).server('ACK');

  test.each<[string, Talk, string]>([
    ['abort', open().server('RST,ACK'), 'RSTR: error reset-application-abort'],
    ['abort by the client', open().client('RST,ACK'), 'RSTO: error reset-application-abort'],
    [
      'data after close',
      open().server('FIN,ACK').client('ACK').client('PSH,ACK', { len: 9 }).server('RST', { seq: 2, win: 0 }),
      'RSTR: error reset-unexpected-data',
    ],
    [
      'rebooted',
      open().wait(5000).client('PSH,ACK', { len: 9 }).server('RST', { seq: 1, win: 0 }),
      'RSTR: error reset-unexpected-data, note slow-client',
    ],
    [
      'after silence',
      open().wait(90_000).client('PSH,ACK', { len: 9 }).server('RST,ACK'),
      'RSTR: error reset-after-idle, note slow-client',
    ],
    ['at once', new Talk().handshake(MODERN).server('RST,ACK'), 'RSTR: error reset-after-handshake'],
    [
      'instead of FIN',
      open().client('FIN,ACK').server('ACK').server('RST,ACK'),
      'RSTR: note reset-instead-of-fin',
    ],
    [
      'after both FINs',
      open().close().server('RST', { seq: 2, win: 0 }),
      'SF: note reset-after-close, note orderly-close',
    ],
    [
      'keep-alive timeout',
      open()
        .wait(9000)
        .client('ACK', { seq: 100 })
        .wait(999)
        .client('ACK', { seq: 100 })
        .wait(999)
        .client('RST,ACK'),
      'RSTO: error reset-keep-alive-timeout, warning keep-alive-unanswered',
    ],
    [
      'gave up repeating',
      open()
        .client('PSH,ACK', { len: 9 })
        .wait(200)
        .client('PSH,ACK', { seq: 101, len: 9 })
        .wait(400)
        .client('PSH,ACK', { seq: 101, len: 9 })
        .wait(800)
        .client('RST,ACK'),
      'RSTO: error reset-retransmission-timeout, warning lost-segments, warning timeout-retransmission',
    ],
    [
      'a firewall in between',
      new Talk({ tick: 20, serverTtl: 57 })
        .handshake(MODERN)
        .client('PSH,ACK', { len: 9 })
        .server('RST,ACK', { ttl: 63, after: 1 }),
      'RSTR: error injected-reset',
    ],
    [
      'injected with the right TTL, but too soon, and the server goes on',
      new Talk({ tick: 20 })
        .handshake(MODERN)
        .client('PSH,ACK', { len: 9 })
        .server('RST,ACK', { after: 1 })
        .server('ACK')
        .server('PSH,ACK', { len: 9 }),
      'RSTR: error injected-reset',
    ],
    [
      'nobody knows the connection',
      new Talk().client('PSH,ACK', { seq: 5, ack: 9, len: 4 }).server('RST', { seq: 9, win: 0 }),
      'OTH: note capture-missing-beginning, warning reset-unknown-connection',
    ],
    ['only the reset', new Talk().server('RST,ACK', { seq: 9, ack: 5 }), 'OTH: note stray-reset'],
  ])('%s', (_, talk, expected) => {
    expect(story(talk)).toEqual([expected]);
  });

  test('blind, outside the window', () => {
    const talk = open().server('RST', { seq: 900_000 }).server('PSH,ACK', { len: 5 }).client('ACK');
    expect(story(talk)[0]).toMatch(/injected-reset|reset-out-of-window/);
  });
});

describe('closing', () => {
  const open = (): Talk => new Talk().handshake(MODERN);
  test.each<[string, Talk, string]>([
    ['four packets', open().close(), 'SF: note orderly-close'],
    ['three packets', open().client('FIN,ACK').server('FIN,ACK').client('ACK'), 'SF: note orderly-close'],
    [
      'half',
      open()
        .client('FIN,ACK')
        .server('ACK')
        .server('PSH,ACK', { len: 9 })
        .client('ACK')
        .server('FIN,ACK')
        .client('ACK'),
      'SF: note orderly-close, note half-close',
    ],
    [
      'simultaneous',
      open().client('FIN,ACK').server('FIN,ACK', { ack: 1 }).server('ACK', { seq: 2 }).client('ACK'),
      'SF: note simultaneous-close',
    ],
    ['not at all', open(), 'S1: note missing-close'],
    ['one side', open().client('FIN,ACK').server('ACK'), 'S2: note missing-close'],
    ['other side', open().server('FIN,ACK').client('ACK'), 'S3: note missing-close'],
    [
      'FIN without an answer',
      open()
        .client('FIN,ACK')
        .wait(200)
        .client('FIN,ACK', { seq: 1 })
        .wait(400)
        .client('FIN,ACK', { seq: 1 }),
      'S2: warning fin-unanswered',
    ],
    [
      'FIN repeated',
      open()
        .client('FIN,ACK')
        .wait(300)
        .client('FIN,ACK', { seq: 1 })
        .server('ACK')
        .server('FIN,ACK')
        .client('ACK'),
      'SF: warning fin-repeated, note orderly-close',
    ],
  ])('%s', (_, talk, expected) => {
    expect(story(talk)).toEqual([expected]);
  });

  test('a program that never closes', () => {
    const other = new Talk({ stream: 1, clientPort: 41_000, start: 1_700_000_030 }).handshake(MODERN).close();
    const talk = open().client('FIN,ACK').server('ACK');
    // Known only after the second conversation has shown how long the capture went on.
    expect(story(talk, other)[0]).toBe('S2: warning close-wait');
  });
});

describe('lost and late', () => {
  /** 33 segments of 1460 octets are missing, the receiver asks for them. */
  function gap(ids: 'counting' | 'constant', tick: number): Talk {
    const talk = new Talk({ ids, tick })
      .handshake({ mss: 1460 })
      .client('PSH,ACK', { len: 100 })
      .server('ACK', { len: 1460 })
      .client('ACK');
    for (let i = 0; i < 33; i++) talk.server('ACK', { len: 1460, uncaptured: true });
    for (let i = 0; i < 4; i++) talk.server('ACK', { len: 1460 }).client('ACK', { ack: 1461 });
    return talk;
  }

  test.each<['counting' | 'constant', number]>([
    ['counting', 1],
    ['constant', 1],
    ['constant', 0],
    ['counting', 10],
  ])('33 segments missing, IP identification %s, a packet each %d ms', (ids, tick) => {
    const talk = gap(ids, tick);
    expect(finding('lost-segments', talk)).toMatchObject({
      severity: 'error',
      end: 'server',
      title: '33 segments (33 x 1,460 = 48,180 octets) of the server lost',
      facts: { octets: 48_180, segments: 33, segmentSize: 1460, unrepaired: 48_180 },
    });
    for (let i = 0; i < 33; i++) talk.server('ACK', { len: 1460, seq: 1461 + i * 1460 });
    talk.client('ACK').close();
    expect(finding('lost-segments', talk)).toMatchObject({
      severity: 'warning',
      facts: { octets: 48_180, unrepaired: 0, retransmissions: 33 },
    });
    expect(story(talk)).toEqual([
      'SF: warning lost-segments, note fast-retransmission, note duplicate-acks, note orderly-close',
    ]);
  });

  test('SACK and DSACK edges are relative to the data', () => {
    const base = 500_000;
    const talk = new Talk({ tick: 5 }).handshake(MODERN);
    for (let i = 0; i < 6; i++) talk.server('ACK', { len: 1000, after: 0.1 });
    talk.client('ACK', { ack: 1001 });
    for (let i = 3; i <= 6; i++)
      talk.client('ACK', {
        ack: 1001,
        options: { sackBlocks: [{ left: base + 2001, right: base + i * 1000 + 1 }] },
        after: 0.1,
      });
    talk
      .server('ACK', { seq: 1001, len: 1000 })
      .client('ACK')
      .server('ACK', { seq: 1001, len: 1000, after: 1 });
    talk.client('ACK', { options: { sackBlocks: [{ left: base + 1001, right: base + 2001 }] } }).close();
    expect(finding('duplicate-acks', talk).explanation).toContain('reported by SACK to hold 2001-6001');
    expect(finding('spurious-retransmission', talk).explanation).toContain('1001 to 2000');
  });

  test('the timer, doubling', () => {
    const talk = new Talk().handshake(MODERN).client('PSH,ACK', { len: 100 });
    for (const wait of [199, 399, 799]) talk.wait(wait).client('PSH,ACK', { len: 100, seq: 1 });
    expect(story(talk)).toEqual([
      'S1: error lost-segments, error timeout-retransmission, note missing-close',
    ]);
    expect(finding('timeout-retransmission', talk).facts).toMatchObject({ waitsMs: [200, 400, 800] });
  });

  test.each<[string, object, object]>([
    ['IP identification', { id: 1100 }, { id: 1099 }],
    [
      'timestamps',
      { options: { timestamp: { value: 11, echoReply: 1 } } },
      { options: { timestamp: { value: 10, echoReply: 1 } } },
    ],
  ])('reordered, told by %s', (_, ahead, late) => {
    const talk = new Talk({ tick: 20 })
      .handshake({ mss: 1460 })
      .client('ACK', { len: 500, uncaptured: true });
    talk
      .client('PSH,ACK', { len: 500, ...ahead })
      .client('ACK', { len: 500, seq: 1, after: 30, ...late })
      .server('ACK')
      .close();
    expect(story(talk)).toEqual(['SF: warning out-of-order, note orderly-close']);
  });

  test('doubled by the network', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100, id: 77 })
      .client('PSH,ACK', { len: 100, seq: 1, id: 77 })
      .server('ACK')
      .server('ACK')
      .close();
    expect(story(talk)[0]).toContain('warning duplicate-packets');
    expect(story(talk)[0]).not.toContain('retransmission');
  });

  test('full-size segments vanish', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100 })
      .server('ACK')
      .server('ACK', { len: 1460 });
    for (const wait of [200, 400, 800]) talk.wait(wait).server('ACK', { len: 1460, seq: 1 });
    expect(finding('path-mtu-black-hole', talk).explanation).toContain('1,460 octets');
  });

  test('damaged on the way', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100, checksumStatus: 'good' })
      .server('ACK');
    talk
      .client('PSH,ACK', { len: 50, checksumStatus: 'bad' })
      .wait(200)
      .client('PSH,ACK', { len: 50, seq: 101, checksumStatus: 'good' })
      .server('ACK')
      .close();
    expect(story(talk)[0]).toContain('warning bad-checksum');
  });
});

describe('windows', () => {
  const closed = (): Talk => new Talk().handshake({}).client('PSH,ACK', { len: 5 }).server('ACK', { win: 0 });

  test('closed, probed with an octet, opened', () => {
    const talk = closed();
    for (const wait of [200, 400])
      talk.wait(wait).client('ACK', { len: 1, seq: 6 }).server('ACK', { ack: 6, win: 0 });
    talk
      .wait(700)
      .server('ACK', { ack: 6, win: 5000 })
      .client('PSH,ACK', { seq: 6, len: 10 })
      .server('ACK')
      .close();
    expect(story(talk)).toEqual(['SF: warning zero-window, warning slow-application, note orderly-close']);
    expect(finding('zero-window', talk).facts).toMatchObject({ probes: 2, periods: 1 });
  });

  test('never opens', () => {
    const talk = closed();
    for (const wait of [200, 400, 800]) talk.wait(wait).client('ACK', { seq: 5 }).server('ACK', { win: 0 });
    expect(story(talk)).toEqual(['S1: error zero-window-never-opens, note missing-close']);
  });

  test('a window of the peer that has closed its side means nothing', () => {
    expect(
      story(
        new Talk()
          .handshake({})
          .client('FIN,ACK')
          .server('ACK', { win: 0 })
          .server('FIN,ACK', { win: 0 })
          .client('ACK'),
      ),
    ).toEqual(['SF: note orderly-close']);
  });

  test('more than the window, and all of it acknowledged: the scale was lost on the way', () => {
    const talk = new Talk({ win: 500 })
      .client('SYN', { options: { mss: 1460 } })
      .server('SYN,ACK', { options: { mss: 1460 } })
      .client('ACK');
    for (let i = 0; i < 3; i++) talk.server('ACK', { len: 1460 }).server('ACK', { len: 1460 }).client('ACK');
    expect(story(talk)[0]).toContain('warning window-scale-lost');
  });
});

describe('middleboxes', () => {
  test('options that the SYN captured here did not have', () => {
    const talk = new Talk()
      .client('SYN', { options: { mss: 1460 } })
      .server('SYN,ACK', { options: MODERN })
      .client('ACK')
      .close();
    expect(finding('options-lost-on-the-way', talk).title).toBe(
      'Options were lost on the way: window scale, SACK permitted',
    );
  });

  test('the same SYN at two interfaces, the MSS clamped between them', () => {
    const inside = new Talk().handshake(MODERN).client('PSH,ACK', { len: 10 }).server('ACK').close();
    const outside = new Talk({ start: 1_700_000_000.0001 })
      .handshake({ ...MODERN, mss: 1360 })
      .client('PSH,ACK', { len: 10 })
      .server('ACK')
      .close();
    for (const packet of outside.packets) packet.interfaceId = 1;
    expect(story(inside, outside)).toEqual([
      'SF: warning options-changed-on-the-way, warning options-changed-on-the-way, note orderly-close',
    ]);
    const [report] = reportsOf([inside, outside]);
    expect(report).toMatchObject({ packets: 9, client: { retransmissions: 0 } });
  });
});

describe('who is slow', () => {
  test('the server', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100 })
      .server('ACK')
      .wait(2500)
      .server('PSH,ACK', { len: 9 })
      .client('ACK')
      .close();
    expect(story(talk)).toEqual(['SF: warning slow-application, note orderly-close']);
    expect(reportsOf([talk])[0]?.time.judgement).toBe('server');
  });

  test('the client', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .wait(3000)
      .client('PSH,ACK', { len: 100 })
      .server('ACK')
      .server('PSH,ACK', { len: 9 })
      .client('ACK')
      .close();
    expect(story(talk)).toEqual(['SF: note slow-client, note orderly-close']);
    expect(reportsOf([talk])[0]?.time.judgement).toBe('client');
  });

  test('the network', () => {
    const talk = new Talk({ tick: 150 })
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100 })
      .server('PSH,ACK', { len: 9 })
      .client('ACK')
      .close();
    expect(story(talk)).toEqual(['SF: note slow-network, note orderly-close']);
    expect(reportsOf([talk])[0]?.time.judgement).toBe('network');
  });

  test('Nagle and the delayed ACK', () => {
    const talk = new Talk().handshake(MODERN);
    for (let i = 0; i < 4; i++) talk.client('PSH,ACK', { len: 10 }).server('ACK', { after: 40 });
    expect(story(talk.close())).toEqual(['SF: warning delayed-ack-nagle, note orderly-close']);
  });
});

describe('several connections', () => {
  const OUTCOMES: Record<number, 'open' | 'closed' | 'filtered'> = {
    22: 'open',
    23: 'closed',
    80: 'closed',
    443: 'filtered',
  };

  function scan(kind: 'half' | 'full'): Talk[] {
    return Object.entries(OUTCOMES).map(([port, outcome], i) => {
      const talk = new Talk({
        serverPort: Number(port),
        clientPort: 50_000 + i,
        stream: i,
        start: 1_700_000_000 + i * 0.01,
      }).client('SYN');
      if (outcome === 'closed') return talk.server('RST,ACK', { seqRaw: 0, win: 0 });
      if (outcome === 'filtered') return talk;
      talk.server('SYN,ACK');
      return kind === 'half' ? talk.client('RST', { seq: 1, win: 0 }) : talk.client('ACK').client('RST,ACK');
    });
  }

  test.each(['half', 'full'] as const)('a %s scan', (kind) => {
    expect(finding('port-scan', ...scan(kind))).toMatchObject({
      title: `Port scan of 10.0.0.2 by 10.0.0.1, ${kind === 'half' ? 'half-open (SYN scan)' : 'full (connect scan)'}: 1 open, 2 closed, 1 filtered`,
      facts: { open: [22], closed: [23, 80], filtered: [443] },
    });
  });

  test('one port is open, another refused, by another machine', () => {
    const open = new Talk({ serverTtl: 63 })
      .handshake(MODERN)
      .client('PSH,ACK', { len: 5 })
      .server('ACK')
      .close();
    const shut = refused({ stream: 1, serverPort: 81, clientPort: 40_001, start: 1_700_000_001 });
    expect(story(open, shut)).toEqual([
      'SF: note orderly-close',
      'REJ: error connection-refused, note one-port-refused-other-open',
    ]);
    expect(finding('one-port-refused-other-open', open, shut).explanation).toContain('different machines');
  });

  test('a full listen queue', () => {
    const served = new Talk().handshake(MODERN).client('PSH,ACK', { len: 5 }).server('ACK');
    const left = new Talk({ stream: 1, clientPort: 40_001, start: 1_700_000_000.5 })
      .client('SYN')
      .wait(999)
      .client('SYN', { seq: 0 });
    expect(story(served, left)[1]).toBe('S0: error syn-unanswered, warning backlog-overflow');
  });

  test('the same ports and ISN again are two connections', () => {
    const first = new Talk().handshake(MODERN).close();
    const second = new Talk({ start: 1_700_000_010 }).handshake(MODERN).close('server');
    expect(story(first, second)).toEqual([
      'SF: note orderly-close',
      'SF: note port-reuse, note orderly-close',
    ]);
  });

  test('Xmas', () => {
    expect(story(new Talk().client('FIN,PSH,URG').server('RST,ACK', { seqRaw: 0, win: 0 }))).toEqual([
      'OTH: warning strange-flags',
    ]);
  });
});

describe('the capture itself', () => {
  test('dropped packets are not lost ones', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100 })
      .server('ACK')
      .server('ACK', { len: 1460 });
    talk.server('ACK', { len: 1460, uncaptured: true }).server('ACK', { len: 1460 }).client('ACK').close();
    expect(story(talk)).toEqual(['SF: warning capture-dropped-packets, note orderly-close']);
    expect(finding('capture-dropped-packets', talk).facts).toEqual({ octets: 1460 });
  });

  test('one direction', () => {
    const talk = new Talk()
      .client('SYN')
      .client('ACK', { ack: 1 })
      .client('PSH,ACK', { len: 100, ack: 1 })
      .client('ACK', { ack: 501 });
    expect(story(talk)).toEqual(['S0: warning capture-one-direction']);
  });

  test('an acknowledgment of what was never sent is no dropped packet', () => {
    const talk = new Talk()
      .handshake(MODERN)
      .client('PSH,ACK', { len: 100 })
      .server('ACK', { ack: 400 })
      .client('PSH,ACK', { len: 50 })
      .server('ACK')
      .close();
    expect(story(talk)[0]).toContain('acknowledges-unsent-data');
    expect(story(talk)[0]).not.toContain('capture-dropped');
  });

  test('sums and sizes that the network card was to finish', () => {
    const talk = new Talk().handshake(MODERN).client('PSH,ACK', { len: 10_000 }).server('ACK').close();
    for (const packet of talk.packets) if (packet.tcp.srcPort === 40_000) packet.tcp.checksumStatus = 'bad';
    expect(story(talk)).toEqual(['SF: note capture-offload, note orderly-close']);
  });

  test('options that the snapshot length cut off are not taken for absent', () => {
    const talk = () => new Talk().handshake(MODERN).client('PSH,ACK', { len: 1000 }).server('ACK').close();
    const cut = talk();
    for (const { tcp } of cut.packets) tcp.options = { kinds: [2], mss: 1460, cut: 4 };
    expect(story(cut)).toEqual(['SF: warning capture-cut-options, note orderly-close']);
    const later = talk();
    later.packets[3]!.tcp.options = { kinds: [], cut: 12 };
    expect(story(later)).toEqual(['SF: note capture-cut-options, note orderly-close']);
    expect(finding('capture-cut-options', later).frames).toEqual([4]);
    const oneSide = talk();
    oneSide.packets[1]!.tcp.options = { kinds: [2], mss: 1460, cut: 4 };
    expect(story(oneSide)).toEqual(['SF: warning capture-cut-options, note orderly-close']);
  });

  test('simultaneous open and data in the SYN are notes', () => {
    const open = new Talk()
      .client('SYN')
      .server('SYN')
      .client('SYN,ACK', { seq: 0, ack: 1 })
      .server('SYN,ACK', { seq: 0, ack: 1 })
      .close();
    expect(story(open)[0]).toBe('SF: note simultaneous-open, note orderly-close');
    const fast = new Talk().client('SYN', { len: 50 }).server('SYN,ACK').client('ACK').close();
    expect(story(fast)[0]).toBe('SF: note data-in-syn, note orderly-close');
  });
});
