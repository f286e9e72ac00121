import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { annotate } from '../../../harness/capture/annotate.js';
import { everyMillisecond, pcapFile, pcapngFile, tcpFrame } from '../../support/pcap-builder.js';

const folder = mkdtempSync(join(tmpdir(), 'tcpspec-annotate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const frames = everyMillisecond([1, 2, 3].map((seq) => tcpFrame({ seq })));

function stored(name: string, octets: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
}

/** What tshark shows of each frame. */
function shown(path: string, ...fields: string[]): string[] {
  const args = ['-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const output = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return output.replace(/\n$/, '').split('\n');
}

const FIELDS = ['frame.time_epoch', 'frame.interface_name', 'tcp.seq_raw', 'frame.comment'];

describe('annotate', () => {
  test('writes comments that Wireshark shows, and changes nothing else', async () => {
    const input = stored('in.pcapng', pcapngFile(frames, [{ name: 'eth7' }]));
    const output = join(folder, 'out.pcapng');
    const result = await annotate(input, output, new Map([[2, 'so “nicht” ✗']]), 'whole file');
    expect(result).toEqual({ frames: 3, truncated: false });
    expect(shown(output, ...FIELDS)).toEqual([
      '1795000000.000000000\teth7\t1\t',
      '1795000000.001000000\teth7\t2\tso “nicht” ✗',
      '1795000000.002000000\teth7\t3\t',
    ]);
    expect(execFileSync('capinfos', ['-k', output], { encoding: 'utf8' })).toContain('whole file');
  });

  test('adds to the comments that are there', async () => {
    const path = stored('again.pcapng', pcapngFile(frames));
    await annotate(path, path, new Map([[1, 'eins']]));
    await annotate(path, path, new Map([[1, 'zwei']]));
    expect(shown(path, 'frame.comment')[0]).toBe('eins,zwei');
  });

  test('takes pcap and gzip as well', async () => {
    const input = stored('in.pcap.gz', gzipSync(pcapFile(frames)));
    const output = join(folder, 'from-gzip.pcapng');
    await annotate(input, output, new Map([[3, 'last']]));
    expect(shown(output, 'frame.time_epoch', 'frame.comment')[2]).toBe('1795000000.002000000\tlast');
  });

  test('copies what there is of a file that is cut short, and says so', async () => {
    const whole = pcapngFile(frames);
    const input = stored('short.pcapng', whole.subarray(0, whole.length - 10));
    const output = join(folder, 'short-out.pcapng');
    expect(await annotate(input, output, new Map([[1, 'x']]))).toEqual({ frames: 2, truncated: true });
    expect(shown(output, 'frame.comment')).toHaveLength(2);
  });

  test('leaves no file behind for what is no capture', async () => {
    const input = stored('notes.txt', new TextEncoder().encode('hello'));
    const output = join(folder, 'never.pcapng');
    await expect(annotate(input, output, new Map())).rejects.toThrow(/notes\.txt cannot be copied/);
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([]);
  });

  test('a name that begins with a dash is a name', async () => {
    const input = stored('-w', pcapngFile(frames));
    const before = process.cwd();
    process.chdir(folder);
    try {
      await annotate('-w', 'dash.pcapng', new Map([[1, 'y']]));
    } finally {
      process.chdir(before);
    }
    expect(shown(join(folder, 'dash.pcapng'), 'frame.comment')[0]).toBe('y');
    expect(readFileSync(input)).toEqual(Buffer.from(pcapngFile(frames)));
  });
});
