import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RelayEngine } from '../../../netns/relay/engine.js';
import type { RelayAction, RelayRule, Selection } from '../../../netns/relay/rules.js';
import { viewSegment } from '../../../netns/relay/segment.js';
import { buildFrame, sumsOf } from './frames.js';
import type { BuiltSegment } from './frames.js';

const SYN = 2;
const RST = 4;
const ACK = 16;

/** What leaves, one text a frame: `+12 server 1000 payload`. */
function play(rules: RelayRule[], segments: (BuiltSegment & { at?: number })[], until?: number): string[] {
  const engine = new RelayEngine(rules);
  const out = segments.flatMap((segment, index) =>
    engine.take(buildFrame(segment), segment.from, segment.at ?? index),
  );
  if (until !== undefined) out.push(...engine.release(until));
  return out.map(({ frame, to, at }) => {
    const view = viewSegment(frame);
    const text =
      view === undefined
        ? `${frame.length} octets`
        : Buffer.from(frame.subarray(view.payload, view.end)).toString();
    return `+${at} ${to} ${view?.seq ?? '?'} ${text}`.trimEnd();
  });
}

const rule = (action: RelayAction, select: Selection = {}): RelayRule => ({ select, action });
const data = (seq: number, payload: string, more: Partial<BuiltSegment> = {}): BuiltSegment => ({
  from: 'client',
  seq,
  payload,
  ...more,
});
const letters = [data(1, 'a'), data(2, 'b'), data(3, 'c'), data(4, 'd')];

test('without rules it is a wire', () => {
  expect(play([], letters)).toEqual(['+0 server 1 a', '+1 server 2 b', '+2 server 3 c', '+3 server 4 d']);
});

describe('which packets', () => {
  const third = rule({ do: 'drop' }, { from: 'client', kinds: ['data'], numbers: [{ from: 3, to: 3 }] });

  test('the third data segment, once: the repeat passes', () => {
    expect(play([third], [...letters, data(3, 'c')])).toEqual([
      '+0 server 1 a',
      '+1 server 2 b',
      '+3 server 4 d',
      '+4 server 3 c',
    ]);
  });

  test('repeats and pure ACKs do not count', () => {
    const segments = [
      data(1, 'a'),
      data(1, 'a'),
      { from: 'client', seq: 2 } as const,
      data(2, 'b'),
      data(3, 'c'),
    ];
    expect(play([third], segments)).toEqual([
      '+0 server 1 a',
      '+1 server 1 a',
      '+2 server 2',
      '+3 server 2 b',
    ]);
  });

  test('each connection counts for itself, and so does each end', () => {
    const other = { clientPort: 40001 };
    const first = rule({ do: 'drop' }, { kinds: ['data'], numbers: [{ from: 1, to: 1 }] });
    const segments = [data(1, 'a'), data(1, 'A', other), data(2, 'b'), data(9, 'z', { from: 'server' })];
    expect(play([first], segments)).toEqual(['+2 server 2 b']);
  });

  test('a SYN of another number begins another connection on the same ports', () => {
    const first = rule({ do: 'drop' }, { kinds: ['data'], numbers: [{ from: 1, to: 1 }] });
    const syn = (seq: number): BuiltSegment => ({ from: 'client', seq, flags: SYN });
    expect(
      play([first], [syn(0), data(1, 'a'), data(2, 'b'), syn(50), data(51, 'x'), data(52, 'y')]),
    ).toEqual(['+0 server 0', '+2 server 2 b', '+3 server 50', '+5 server 52 y']);
  });

  test('sequence numbers wrap', () => {
    const again = rule({ do: 'drop' }, { kinds: ['again'] });
    expect(play([again], [data(0xffff_fffe, 'abcd'), data(2, 'e'), data(0xffff_fffe, 'abcd')])).toEqual([
      '+0 server 4294967294 abcd',
      '+1 server 2 e',
    ]);
  });

  test('a keep-alive with an octet is nothing new, also before the first data', () => {
    const first = rule({ do: 'drop' }, { kinds: ['data'], numbers: [{ from: 1, to: 1 }] });
    expect(play([first], [{ from: 'client', seq: 7, flags: SYN }, data(7, '\0'), data(8, 'a')])).toHaveLength(
      2,
    );
  });

  test('by kind, port and length', () => {
    const only = (select: Selection, segments: BuiltSegment[]) =>
      segments.length - play([rule({ do: 'drop' }, select)], segments).length;
    const segments: BuiltSegment[] = [
      { from: 'client', flags: SYN },
      { from: 'server', flags: SYN | ACK },
      { from: 'client' },
      { from: 'client', payload: 'x'.repeat(100) },
      { from: 'client', flags: 0x11 },
      { from: 'server', flags: RST },
      { from: 'client', flags: SYN, serverPort: 81 },
    ];
    const counted = [
      { kinds: ['any'] },
      { kinds: ['syn'] },
      { kinds: ['syn-ack'] },
      { kinds: ['ack'] },
      { kinds: ['payload'] },
      { kinds: ['fin', 'reset'] },
      { port: 81 },
      { longerThan: 139 },
      { longerThan: 140 },
      { from: 'server' },
    ] satisfies Selection[];
    expect(counted.map((select) => only(select, segments))).toEqual([7, 2, 1, 1, 1, 2, 1, 1, 0, 2]);
  });

  test('what is no TCP passes', () => {
    const arp = new Uint8Array(60);
    arp[12] = 8;
    arp[13] = 6;
    expect(new RelayEngine([rule({ do: 'drop' })]).take(arp, 'client', 5)).toEqual([
      { frame: arp, to: 'server', at: 5 },
    ]);
  });
});

describe('what happens to them', () => {
  test('a delay is of one direction', () => {
    const delay = rule({ do: 'delay', ms: 50, jitterMs: 0, seed: 1 }, { from: 'server' });
    expect(play([delay], [data(1, 'a'), data(9, 'z', { from: 'server' })])).toEqual([
      '+0 server 1 a',
      '+51 client 9 z',
    ]);
  });

  test('jitter lets nobody overtake', () => {
    const delay = rule({ do: 'delay', ms: 20, jitterMs: 15, seed: 3 });
    const times = play(
      [delay],
      Array.from({ length: 50 }, (_, i) => data(i, 'x')),
    ).map((line) => parseFloat(line));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBeGreaterThan(10);
  });

  test('copies come right behind', () => {
    const twice = rule({ do: 'duplicate', copies: 2 }, { numbers: [{ from: 2, to: 2 }] });
    expect(play([twice], letters.slice(0, 3))).toEqual([
      '+0 server 1 a',
      '+1 server 2 b',
      '+1 server 2 b',
      '+1 server 2 b',
      '+2 server 3 c',
    ]);
  });

  test('two packets overtake one', () => {
    const held = rule({ do: 'reorder', by: 2 }, { numbers: [{ from: 1, to: 1 }] });
    expect(play([held], letters)).toEqual([
      '+1 server 2 b',
      '+2 server 3 c',
      '+2 server 1 a',
      '+3 server 4 d',
    ]);
  });

  test('what nobody overtakes leaves after a second', () => {
    const engine = new RelayEngine([rule({ do: 'reorder', by: 1 })]);
    engine.take(buildFrame(data(1, 'a')), 'client', 100);
    expect(engine.releaseAt).toBe(1100);
    expect(engine.release(1099)).toEqual([]);
    expect(engine.release(1100)).toHaveLength(1);
    expect(engine.releaseAt).toBeUndefined();
  });

  test('a slow link sends one after another, and its queue is finite', () => {
    // 55 octets are 440 bits: 44 ms at 10 kbit/s.
    const link = rule({ do: 'rate', bitsPerSecond: 10_000, queue: 2 });
    expect(
      play(
        [link],
        [...letters, { ...data(5, 'e'), at: 100 }].map((one) => ({ at: 0, ...one })),
      ),
    ).toEqual(['+44 server 1 a', '+88 server 2 b', '+132 server 3 c', '+176 server 5 e']);
  });

  test('a truncated packet is no whole segment any more, and later rules leave it alone', () => {
    expect(
      play([rule({ do: 'truncate', octets: 40 }), rule({ do: 'strip', options: ['mss'] })], [data(1, 'abc')]),
    ).toEqual(['+0 server ? 54 octets']);
  });

  test.each(['ipv4', 'ipv6'] as const)('%s: corruption breaks one checksum', (family) => {
    for (const what of ['checksum', 'payload'] as const) {
      const [out] = new RelayEngine([rule({ do: 'corrupt', what })]).take(
        buildFrame(data(1, 'abc', { family })),
        'client',
        0,
      );
      expect(sumsOf(out!.frame)).toEqual({ ip: true, tcp: false });
    }
  });

  test('rules are applied in their order', () => {
    const delay = rule({ do: 'delay', ms: 10, jitterMs: 0, seed: 1 });
    const copy = rule({ do: 'duplicate', copies: 1 });
    const first = rule({ do: 'drop' }, { numbers: [{ from: 1, to: 1 }] });
    expect(play([first, delay, copy], [data(1, 'a'), data(2, 'b')])).toEqual([
      '+11 server 2 b',
      '+11 server 2 b',
    ]);
  });
});

describe('fates', () => {
  test('tell what got lost', () => {
    const engine = new RelayEngine([
      rule({ do: 'drop' }, { kinds: ['data'], numbers: [{ from: 2, to: 2 }] }),
      rule({ do: 'reset', to: ['client'], ttl: 250, swallow: true }, { kinds: ['fin'] }),
    ]);
    const segments: BuiltSegment[] = [
      ...letters,
      { from: 'client', seq: 5, flags: 0x11 },
      { from: 'server' },
    ];
    for (const segment of segments) engine.take(buildFrame(segment), segment.from, 0);
    expect(engine.fates.map(({ from, lost }) => `${from} ${lost}`)).toEqual([
      'client false',
      'client true',
      'client false',
      'client false',
      'client true',
      'server false',
    ]);
    expect(engine.fates[1]?.frame).toEqual(buildFrame(letters[1]!));
  });
});

describe('chance', () => {
  const lose = (seed: number) => rule({ do: 'lose', share: 0.3, seed });
  const many = Array.from({ length: 1000 }, (_, i) => data(i * 10, 'x'));

  test('a seed always loses the same packets, about as many as it says', () => {
    const [first, again, other] = [play([lose(7)], many), play([lose(7)], many), play([lose(8)], many)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(1000 - first.length).toBeGreaterThan(250);
    expect(1000 - first.length).toBeLessThan(350);
    expect(play([lose(7)], many.slice(0, 12))).toMatchInlineSnapshot(`
      [
        "+2 server 20 x",
        "+3 server 30 x",
        "+4 server 40 x",
        "+5 server 50 x",
        "+6 server 60 x",
        "+8 server 80 x",
        "+9 server 90 x",
      ]
    `);
  });

  test('the same frames in the same order have the same fate, whenever they come', () => {
    const step = fc.record({
      from: fc.constantFrom('client' as const, 'server' as const),
      seq: fc.integer({ min: 0, max: 40 }),
      payload: fc.constantFrom('', 'a', 'bb'),
      flags: fc.constantFrom(0x10, 0x02, 0x12, 0x11),
      gap: fc.integer({ min: 0, max: 30 }),
    });
    const rules: RelayRule[] = [
      lose(5),
      rule({ do: 'delay', ms: 10, jitterMs: 5, seed: 2 }, { from: 'server' }),
      rule({ do: 'duplicate', copies: 1 }, { kinds: ['data'], numbers: [{ from: 2, to: 3 }] }),
      rule({ do: 'reorder', by: 1 }, { kinds: ['again'] }),
    ];
    const fatesOf = (steps: { from: 'client' | 'server'; gap: number }[], stretch: number) => {
      const engine = new RelayEngine(rules);
      let now = 0;
      const out = steps.map((one) =>
        engine.take(buildFrame(one), one.from, (now += one.gap * stretch)).map(({ to }) => to),
      );
      return { out, lost: engine.fates.map(({ lost }) => lost) };
    };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        expect(fatesOf(steps, 1)).toEqual(fatesOf(steps, 3));
      }),
    );
  });

  test('hostile frames neither throw nor change places', () => {
    const rules: RelayRule[] = [
      rule({ do: 'strip', options: ['mss', 'sack', 'timestamps', 'window-scale'] }),
      rule({ do: 'clamp-mss', mss: 1 }),
      rule({ do: 'translate', port: 8080, target: 80 }),
      rule({ do: 'corrupt', what: 'payload' }),
      rule({ do: 'hops', count: 1 }),
      rule({ do: 'reset', to: ['client', 'server'], ttl: 1, swallow: false }),
    ];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 90 }),
        fc.constantFrom('ipv4' as const, 'ipv6' as const),
        (noise, family) => {
          const frame = buildFrame({ from: 'client', family, options: OPTIONS_ROOM, payload: 'payload' });
          frame.set(noise.subarray(0, frame.length - 30), 30);
          const before = frame.slice();
          new RelayEngine(rules).take(frame, 'client', 0);
          expect(frame).toEqual(before);
        },
      ),
    );
  });
});

const OPTIONS_ROOM = new Array<number>(20).fill(1);
