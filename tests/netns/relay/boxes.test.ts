import { describe, expect, test } from '@jest/globals';
import { RelayEngine } from '../../../netns/relay/engine.js';
import type { RelayAction, RelayRule, Selection } from '../../../netns/relay/rules.js';
import { viewSegment } from '../../../netns/relay/segment.js';
import { buildFrame, sumsOf } from './frames.js';
import type { BuiltSegment } from './frames.js';

const SYN = 2;

const rule = (action: RelayAction, select: Selection = {}): RelayRule => ({ select, action });

describe('what a box on the way rewrites', () => {
  const OPTIONS = [2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
  const syn = (family: 'ipv4' | 'ipv6'): BuiltSegment => ({
    from: 'client',
    family,
    flags: SYN,
    options: OPTIONS,
  });
  const optionsOf = (frame: Uint8Array, family: 'ipv4' | 'ipv6') =>
    [...frame.subarray(14 + (family === 'ipv4' ? 40 : 60))].join(' ');

  test.each(['ipv4', 'ipv6'] as const)('%s: options become NOPs, the checksum stays right', (family) => {
    const strip = rule({ do: 'strip', options: ['window-scale', 'sack'] });
    const [out] = new RelayEngine([strip]).take(buildFrame(syn(family)), 'client', 0);
    expect(optionsOf(out!.frame, family)).toBe('2 4 5 180 1 1 1 1 1 1 8 10 0 0 0 1 0 0 0 2');
    expect(sumsOf(out!.frame)).toEqual({ ip: true, tcp: true });
  });

  test('a checksum that was wrong stays wrong', () => {
    const frame = buildFrame(syn('ipv4'));
    frame[51] = frame[51]! ^ 1;
    const [out] = new RelayEngine([rule({ do: 'strip', options: ['mss'] })]).take(frame, 'client', 0);
    expect(sumsOf(out!.frame).tcp).toBe(false);
  });

  test('the MSS is lowered, never raised', () => {
    const clamped = (mss: number) => {
      const [out] = new RelayEngine([rule({ do: 'clamp-mss', mss })]).take(
        buildFrame(syn('ipv4')),
        'client',
        0,
      );
      expect(sumsOf(out!.frame).tcp).toBe(true);
      return optionsOf(out!.frame, 'ipv4').split(' ').slice(0, 4).join(' ');
    };
    expect([clamped(536), clamped(9000)]).toEqual(['2 4 2 24', '2 4 5 180']);
  });

  test.each(['ipv4', 'ipv6'] as const)(
    '%s: a port is translated there and back, no other port is',
    (family) => {
      const nat = rule({ do: 'translate', port: 80, target: 8080 });
      const engine = new RelayEngine([nat]);
      const through = (segment: BuiltSegment) => {
        const [out] = engine.take(buildFrame({ ...segment, family }), segment.from, 0);
        expect(sumsOf(out!.frame)).toEqual({ ip: true, tcp: true });
        const { srcPort, dstPort } = viewSegment(out!.frame)!;
        return `${srcPort} > ${dstPort}`;
      };
      expect([
        through({ from: 'client', serverPort: 80 }),
        through({ from: 'server', serverPort: 8080 }),
        through({ from: 'client', serverPort: 81 }),
        through({ from: 'server', serverPort: 81 }),
        through({ from: 'client', serverPort: 8080, clientPort: 40001 }),
        through({ from: 'server', serverPort: 8080, clientPort: 40001 }),
      ]).toEqual(['40000 > 8080', '80 > 40000', '40000 > 81', '81 > 40000', '40001 > 8080', '8080 > 40001']);
    },
  );

  test.each(['ipv4', 'ipv6'] as const)('%s: routers count down, and drop what runs out', (family) => {
    const hops = rule({ do: 'hops', count: 3 });
    const through = (ttl: number) =>
      new RelayEngine([hops]).take(buildFrame({ from: 'client', family, ttl }), 'client', 0);
    const [out] = through(64);
    expect(out!.frame[14 + (family === 'ipv4' ? 8 : 7)]).toBe(61);
    expect(sumsOf(out!.frame)).toEqual({ ip: true, tcp: true });
    expect(through(3)).toEqual([]);
  });
});

describe('a reset in the name of the other end', () => {
  const reset = (swallow: boolean) => rule({ do: 'reset', to: ['client', 'server'], ttl: 250, swallow });
  const shown = (family: 'ipv4' | 'ipv6', swallow: boolean, segment: Partial<BuiltSegment>) => {
    const frame = buildFrame({ from: 'client', family, seq: 100, ack: 500, payload: 'abc', ...segment });
    return new RelayEngine([reset(swallow)]).take(frame, 'client', 0).map(({ frame: out, to }) => {
      expect(sumsOf(out)).toEqual({ ip: true, tcp: true });
      const view = viewSegment(out)!;
      const ttl = out[14 + (family === 'ipv4' ? 8 : 7)];
      return `${to}: ${view.srcPort} > ${view.dstPort} flags ${view.flags} seq ${view.seq} ack ${view.ack} ttl ${ttl}`;
    });
  };

  test.each(['ipv4', 'ipv6'] as const)('%s: numbers are those that each end waits for', (family) => {
    expect(shown(family, false, {})).toEqual([
      'server: 40000 > 8080 flags 16 seq 100 ack 500 ttl 64',
      'client: 8080 > 40000 flags 20 seq 500 ack 103 ttl 250',
      'server: 40000 > 8080 flags 20 seq 103 ack 500 ttl 250',
    ]);
    expect(shown(family, true, {})).toEqual([
      'client: 8080 > 40000 flags 20 seq 500 ack 103 ttl 250',
      'server: 40000 > 8080 flags 20 seq 100 ack 500 ttl 250',
    ]);
  });

  test('in answer to a SYN it acknowledges the SYN', () => {
    expect(shown('ipv4', true, { flags: SYN, ack: 0, payload: '' })[0]).toBe(
      'client: 8080 > 40000 flags 20 seq 0 ack 101 ttl 250',
    );
  });
});
