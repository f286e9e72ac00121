import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Dissector } from '../../../harness/dissect/dissector.js';
import { DissectError } from '../../../harness/dissect/errors.js';
import type { OtherFrame, Packet } from '../../../harness/dissect/packet.js';
import { streamBatches, streamPackets, type StreamOptions } from '../../../harness/dissect/stream-dissect.js';
import { oddFrames } from '../../support/odd-frames.js';
import { everyMillisecond, pcapFile, pcapngFile, tcpFrame } from '../../support/pcap-builder.js';

const folder = mkdtempSync(join(tmpdir(), 'tcpspec-stream-'));
afterAll(() => rmSync(folder, { recursive: true }));

const odd = pcapngFile(everyMillisecond(oddFrames()));

function stored(name: string, octets: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
}

/** All frames that come, and the fault at the end where there is one. */
async function read(
  input: string | Readable,
  options?: StreamOptions,
): Promise<{ frames: (Packet | OtherFrame)[]; fault?: Error & { kind?: string } }> {
  const frames: (Packet | OtherFrame)[] = [];
  try {
    for await (const frame of streamPackets(input, options)) frames.push(frame);
  } catch (error) {
    return { frames, fault: error as Error };
  }
  return { frames };
}

/** A stream that comes in pieces of `size` octets. */
function inPieces(octets: Uint8Array, size: number): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < octets.length; at += size) yield Buffer.from(octets.subarray(at, at + size));
    })(),
    { objectMode: false },
  );
}

describe('a file', () => {
  test('gives the same frames as the dissector, fields and payload included', async () => {
    const path = stored('odd.pcapng', odd);
    const fields = ['tcp.flags.syn', 'ip.dsfield.dscp', 'http.host'];
    const dissector = await Dissector.start();
    const { packets, others } = await dissector.dissect(path, { fields });
    await dissector.close();
    const { frames, fault } = await read(path, { fields, payload: true });
    expect(fault).toBeUndefined();
    // The dissector has read the whole file when it looks at a packet.
    const later = / \[Reassembled in #\d+\]$/;
    expect(frames).toEqual(
      [...packets, ...others.map((other) => ({ ...other, info: other.info.replace(later, '') }))].sort(
        (a, b) => a.frame - b.frame,
      ),
    );
  }, 60_000);

  test('without payload unless asked for, and only what the filter selects', async () => {
    const { frames } = await read(stored('odd.pcapng', odd), { displayFilter: 'tcp.len > 1000' });
    expect(
      frames.map((frame) => [frame.frame, 'tcp' in frame && [frame.tcp.len, frame.tcp.payload.length]]),
    ).toEqual([
      [5, [1460, 0]],
      [6, [1460, 0]],
    ]);
  }, 30_000);

  test('reports progress', async () => {
    const seen: number[] = [];
    await read(stored('odd.pcapng', odd), { onProgress: (frames) => seen.push(frames) });
    expect(seen.at(-1)).toBe(oddFrames().length);
  }, 30_000);

  test('cut short gives what is whole, and then the fault', async () => {
    const { frames, fault } = await read(stored('cut.pcapng', odd.subarray(0, odd.length - 20)));
    expect(frames).toHaveLength(oddFrames().length - 1);
    expect(fault).toMatchObject({ name: 'CaptureFileError', kind: 'truncated' });
  }, 30_000);

  test.each([
    ['empty', new Uint8Array(), 'empty'],
    ['text', new TextEncoder().encode('nothing of the kind'), 'not-a-capture'],
    ['a stump', odd.subarray(0, 13), 'truncated'],
  ])(
    '%s',
    async (name, octets, kind) => {
      const { frames, fault } = await read(stored(name, octets));
      expect([frames.length, fault?.kind]).toEqual([0, kind]);
    },
    30_000,
  );

  test('with a field or display filter that does not exist', async () => {
    const path = stored('odd.pcapng', odd);
    const [field, filter] = [
      await read(path, { fields: ['tcp.zzzz'] }),
      await read(path, { displayFilter: 'tcp = 1' }),
    ];
    expect(field.fault).toBeInstanceOf(DissectError);
    expect(filter.fault).toBeInstanceOf(DissectError);
    expect(filter.fault?.message).toMatch(/^not a display filter: tcp = 1\n/);
  }, 60_000);
});

describe('a stream', () => {
  const pcap = pcapFile(everyMillisecond([1, 2, 3].map((seq) => tcpFrame({ seq }))));
  test.each([
    ['pcapng', odd, oddFrames().length],
    ['pcap octet by octet', pcap, 3],
    ['pcapng by gzip', gzipSync(odd), oddFrames().length],
    ['pcap by gzip', gzipSync(pcap), 3],
  ])(
    '%s',
    async (name, octets, count) => {
      const { frames, fault } = await read(inPieces(octets, name.includes('octet') ? 1 : 100));
      expect(fault).toBeUndefined();
      expect(frames).toHaveLength(count);
    },
    30_000,
  );

  test.each([
    ['cut short', odd.subarray(0, odd.length - 20), 'truncated'],
    ['by gzip, cut short', gzipSync(odd).subarray(0, -20), 'truncated'],
    [
      'by gzip, damaged',
      Buffer.concat([gzipSync(odd).subarray(0, 200), Buffer.alloc(200, 0xff)]),
      'truncated',
    ],
    ['empty', new Uint8Array(), 'empty'],
    ['text', new TextEncoder().encode('nothing of the kind'), 'not-a-capture'],
  ])(
    '%s',
    async (_, octets, kind) => {
      expect((await read(inPieces(octets, 1000))).fault?.kind).toBe(kind);
    },
    30_000,
  );

  test('that breaks in the middle', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from(odd.subarray(0, 2000));
        await Promise.resolve();
        throw new Error('the other end is gone');
      })(),
      { objectMode: false },
    );
    expect((await read(broken)).fault?.message).toContain('the other end is gone');
  }, 30_000);

  test('that never ends gives its frames as they come, and can be left', async () => {
    const endless = Readable.from(
      (async function* () {
        yield Buffer.from(pcapFile([]));
        for (let seq = 0; ; seq++) {
          yield Buffer.from(pcapFile(everyMillisecond([tcpFrame({ seq })])).subarray(24));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })(),
      { objectMode: false },
    );
    let count = 0;
    for await (const frame of streamPackets(endless)) {
      count++;
      if (frame.frame === 3) break;
    }
    expect(count).toBe(3);
    if (!endless.destroyed) await once(endless, 'close');
  }, 30_000);

  test('from a named pipe', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const writer = spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', stored('odd.pcapng', odd), path]);
    expect((await read(path)).frames).toHaveLength(oddFrames().length);
    writer.kill();
  }, 30_000);
});

test('reading can be ended from outside, and leaves no process', async () => {
  const many = Array.from({ length: 20_000 }, (_, seq) => ({
    time: 1795000000000000000n,
    bytes: tcpFrame({ seq, srcPort: seq }),
  }));
  const path = stored('many.pcapng', pcapngFile(many));
  const abort = new AbortController();
  const reading = (async () => {
    for await (const batch of streamBatches(path, { signal: abort.signal })) {
      void batch;
      abort.abort(new Error('Ctrl-C'));
    }
  })();
  await expect(reading).rejects.toThrow('Ctrl-C');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(() => execFileSync('pgrep', ['-P', String(process.pid), '-x', 'tshark'])).toThrow();
}, 60_000);
