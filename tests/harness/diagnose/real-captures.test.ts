import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { diagnose } from '../../../harness/diagnose/index.js';
import { Dissector } from '../../../harness/dissect/dissector.js';

/** Captures of Linux' own TCP between two namespaces, one story each. */
const FOLDER = new URL('../../fixtures/diagnose/', import.meta.url);

let dissector: Dissector;
beforeAll(async () => {
  dissector = await Dissector.start({ processes: 1 });
}, 30_000);
afterAll(() => dissector.close());

async function storyOf(name: string): Promise<string[]> {
  const { packets, others } = await dissector.dissect(new URL(`${name}.pcap`, FOLDER).pathname);
  return diagnose(packets, others).map((report) => {
    const findings = report.findings.map(({ severity, id }) => `${severity} ${id}`);
    return `${report.connState} ${report.completeness}: ${findings.join(', ')}`;
  });
}

test.each([
  ['echo', ['SF 31: note orderly-close']],
  ['refused', ['REJ 37: error connection-refused']],
  ['slowapp', ['SF 31: warning slow-application, note orderly-close']],
  ['abort', ['RSTR 47: error reset-application-abort']],
  ['unread', ['RSTR 47: error reset-application-abort']],
  ['afterclose', ['RSTR 63: error reset-unexpected-data, note slow-client']],
  ['keepalive', ['SF 31: note keep-alive, note orderly-close']],
  ['katimeout', ['RSTO 47: error reset-keep-alive-timeout, warning keep-alive-unanswered']],
  [
    'zerowin',
    [
      'SF 31: warning zero-window, warning slow-application, note spurious-retransmission, note window-full, note orderly-close',
    ],
  ],
  ['nagle', ['SF 31: warning delayed-ack-nagle, note orderly-close, note fin-repeated']],
  [
    'lossrecv',
    [
      'SF 31: warning lost-segments, note fast-retransmission, note duplicate-acks, note window-full, note orderly-close',
    ],
  ],
  [
    'losssend',
    [
      'SF 31: warning lost-segments, note fast-retransmission, note duplicate-acks, note window-full, note orderly-close',
    ],
  ],
  ['router', ['SF 31: note capture-doubled-packets, note orderly-close']],
  ['offload', ['SF 31: note capture-offload, note orderly-close']],
  [
    'filtered',
    [
      'S0 1: error syn-unanswered, warning port-scan',
      'REJ 37: error connection-refused',
      'S0 1: error destination-unreachable',
    ],
  ],
  [
    'backlog',
    [
      'S2 31: note slow-client, note missing-close',
      'S2 31: note slow-client, note missing-close',
      'S0 1: error syn-unanswered, warning backlog-overflow',
      'S0 1: error syn-unanswered, warning backlog-overflow',
      'S0 1: error syn-unanswered, warning backlog-overflow',
    ],
  ],
])('%s', async (name, story) => {
  expect(await storyOf(name)).toEqual(story);
});

test('four segments of 1448 octets were lost, wherever the capture was taken', async () => {
  for (const name of ['lossrecv', 'losssend']) {
    const { packets } = await dissector.dissect(new URL(`${name}.pcap`, FOLDER).pathname);
    const [report] = diagnose(packets);
    const lost = report?.findings.find(({ id }) => id === 'lost-segments');
    expect(lost?.facts).toMatchObject({ octets: 5792, segments: 4, segmentSize: 1448, unrepaired: 0 });
    expect(lost?.title).toBe('4 segments (4 x 1,448 = 5,792 octets) of the client lost');
  }
});
