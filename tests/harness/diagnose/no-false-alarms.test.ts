import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diagnose } from '../../../harness/diagnose/index.js';
import { playCleanSession, type CleanSession } from '../../support/clean-session.js';

const role = fc.constantFrom('client' as const, 'server' as const);
const isn = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32 - 700, 2 ** 31),
);
const delay = fc.oneof(fc.constantFrom(0.005, 0.02), fc.double({ min: 0.01, max: 150, noNaN: true }));

const session: fc.Arbitrary<CleanSession> = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  clientPort: fc.integer({ min: 1024, max: 65_535 }),
  serverPort: fc.constantFrom(22, 80, 443, 8080, 5432, 12_345),
  clientIsn: isn,
  serverIsn: isn,
  toClient: delay,
  toServer: delay,
  mss: fc.constantFrom(536, 1220, 1400, 1460),
  windowScale: fc.boolean(),
  sack: fc.boolean(),
  timestamps: fc.boolean(),
  window: fc.constantFrom(4096, 16_384, 65_535, 262_144),
  ackEvery: fc.constantFrom(1 as const, 2 as const),
  delayedAck: fc.constantFrom(0.5, 40, 200),
  messages: fc.array(
    fc.record({
      from: role,
      octets: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 20_000 })),
      think: fc.constantFrom(0, 0.1, 3, 60, 700),
      pipelined: fc.boolean(),
    }),
    { maxLength: 8 },
  ),
  keepAlives: fc.option(
    fc.record({
      from: role,
      count: fc.integer({ min: 1, max: 4 }),
      interval: fc.constantFrom(1000, 75_000, 7_200_000),
      octet: fc.boolean(),
    }),
    { nil: undefined, freq: 4 },
  ),
  close: fc.constantFrom('client' as const, 'server' as const, 'simultaneous' as const, 'none' as const),
  afterFin: fc.constantFrom(0, 0, 500, 20_000),
  ids: fc.constantFrom('counting' as const, 'random' as const, 'zero' as const, 'constant' as const),
  ttl: fc.tuple(fc.constantFrom(64, 57, 128, 250), fc.constantFrom(64, 51, 113, 255)),
  stream: fc.constant(0),
  start: fc.constantFrom(0, 1_700_000_000.25),
});

/** What a healthy conversation must never be accused of. */
function alarms(packets: Parameters<typeof diagnose>[0]): string[] {
  return diagnose(packets).flatMap((report) => [
    ...report.findings
      .filter((finding) => finding.severity !== 'note')
      .map((finding) => `${finding.id} ${finding.frames.slice(0, 6).join(',')}: ${finding.title}`),
    ...(report.verdicts ?? [])
      .filter((one) => one.verdict === 'wrong')
      .map((one) => `${one.frame} ${one.sentence}`),
  ]);
}

/** Each write comes just after the delayed ACK of the one before: chance, not Nagle's algorithm. */
const WRITES_EVERY_60_MS: CleanSession = {
  ...{
    family: 4,
    clientPort: 1024,
    serverPort: 22,
    clientIsn: 0,
    serverIsn: 0,
    toClient: 0.01,
    toServer: 9.5,
  },
  ...{
    mss: 536,
    windowScale: false,
    sack: false,
    timestamps: false,
    window: 4096,
    ackEvery: 2,
    delayedAck: 40,
  },
  messages: [true, true, true, false].map((pipelined) => ({
    from: 'client',
    octets: 1,
    think: 60,
    pipelined,
  })),
  ...{
    keepAlives: undefined,
    close: 'client',
    afterFin: 0,
    ids: 'counting',
    ttl: [64, 64],
    stream: 0,
    start: 0,
  },
};

test('a flawless conversation draws neither warning nor error', () => {
  fc.assert(
    fc.property(session, (s) => {
      expect(alarms(playCleanSession(s))).toEqual([]);
    }),
    { numRuns: 200, examples: [[WRITES_EVERY_60_MS]] },
  );
});

test('nor does one whose beginning or end was not captured', () => {
  fc.assert(
    fc.property(session, fc.nat(40), fc.nat(40), (s, from, length) => {
      const packets = playCleanSession(s).slice(from, from + length + 5);
      const both = new Set(packets.map((packet) => packet.tcp.srcPort)).size === 2;
      fc.pre(both && packets.length > 2);
      expect(
        alarms(packets).filter((alarm) => !/^(syn|synack|fin)-unanswered|^capture-one/.test(alarm)),
      ).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('the state is SF after both closed, S1 while open', () => {
  fc.assert(
    fc.property(session, (s) => {
      const [report] = diagnose(playCleanSession(s));
      expect(report?.connState).toBe(s.close === 'none' ? 'S1' : 'SF');
      expect(report?.client.port).toBe(s.clientPort);
      expect(report?.client.retransmissions).toBe(0);
    }),
    { numRuns: 100 },
  );
});
