import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { analyzeCommand } from '../../../harness/cli/analyze.js';
import { checkCommand } from '../../../harness/cli/check.js';
import { recordCommand } from '../../../harness/cli/record.js';
import { keptIo } from '../../support/command-io.js';

const fixture = (name: string): string =>
  new URL(`../../fixtures/diagnose/${name}.pcap`, import.meta.url).pathname;

// Each command starts a dissector.
jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'tcpspec-test-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('analyze', () => {
  test('--json prints nothing but the contract', async () => {
    const io = keptIo();
    expect(await analyzeCommand(fixture('refused'), { json: true }, io)).toBe(1);
    const result = JSON.parse(io.stdout) as Record<string, unknown>;
    expect(Object.keys(result)).toEqual([
      'schemaVersion',
      'file',
      'packets',
      'tcpPackets',
      'durationMs',
      'conversations',
    ]);
    expect(result).toMatchObject({
      schemaVersion: 1,
      file: fixture('refused'),
      tcpPackets: 2,
      conversations: [
        {
          stream: 0,
          client: { address: '10.0.0.1' },
          server: { address: '10.0.0.2', port: 81 },
          packets: 2,
          connState: 'REJ',
          completeness: 37,
          findings: [{ id: 'connection-refused', severity: 'error', frames: [1, 2] }],
          verdicts: [
            { frame: 1, verdict: 'as-expected', kind: 'syn' },
            { frame: 2, verdict: 'wrong', kind: 'refusal' },
          ],
        },
      ],
    });
    expect(io.stderr).toBe('');
  });

  test('for people: findings first, then the packets in the view asked for', async () => {
    const io = keptIo();
    expect(await analyzeCommand(fixture('slowapp'), { view: 'ladder' }, io)).toBe(0);
    expect(io.stdout).toMatch(/0 errors, 1 warning, 1 note\n\nStream 0: .*\n {2}WARNING Slow application/);
    expect(io.stdout).toContain('│');
    const dump = keptIo();
    await analyzeCommand(fixture('echo'), { view: 'tcpdump' }, dump);
    expect(dump.stdout).toMatch(
      /IP 10\.0\.0\.1\.\d+ > 10\.0\.0\.2\.8080: Flags \[P\.\], seq 1:15, ack 1, win 63, .*length 14/,
    );
  });

  test('a stream that is not there, standard input with --annotate', async () => {
    const io = keptIo();
    expect(await analyzeCommand(fixture('echo'), { stream: 7 }, io)).toBe(2);
    expect(await analyzeCommand('-', { annotate: path.join(folder, 'x.pcapng') }, io)).toBe(2);
    expect(io.stdout).toBe('');
  });

  test('bad input is refused with its reason', async () => {
    const write = async (name: string, content: string | Uint8Array): Promise<string> => {
      const file = path.join(folder, name);
      await writeFile(file, content);
      return file;
    };
    const whole = await readFile(fixture('echo'));
    await expect(analyzeCommand(await write('empty', ''), {}, keptIo())).rejects.toMatchObject({
      kind: 'empty',
    });
    await expect(analyzeCommand(await write('text', 'hello world\n'), {}, keptIo())).rejects.toMatchObject({
      kind: 'not-a-capture',
    });
    await expect(analyzeCommand(path.join(folder, 'none'), {}, keptIo())).rejects.toMatchObject({
      kind: 'unreadable',
    });
    const io = keptIo();
    expect(
      await analyzeCommand(await write('cut.pcap', whole.subarray(0, whole.length - 10)), { json: true }, io),
    ).toBe(2);
    expect(JSON.parse(io.stdout)).toMatchObject({
      warnings: [expect.stringContaining('ends in the middle of a packet')],
    });
    const none = keptIo();
    expect(await analyzeCommand(await write('none.pcap', whole.subarray(0, 24)), { json: true }, none)).toBe(
      0,
    );
    expect(JSON.parse(none.stdout)).toMatchObject({ packets: 0, conversations: [] });
  });

  test('--annotate writes the verdicts into a pcapng', async () => {
    const out = path.join(folder, 'annotated.pcapng');
    const io = keptIo();
    expect(await analyzeCommand(fixture('refused'), { annotate: out, json: true }, io)).toBe(1);
    const bytes = (await readFile(out)).toString('latin1');
    expect(bytes).toContain('wrong: The server refuses the connection.');
    expect(bytes).toContain('error: Connection refused');
  });
});

describe('record and check', () => {
  test.each(['echo', 'zerowin', 'losssend'])('%s passes what was recorded from it', async (name) => {
    const io = keptIo();
    const file = path.join(folder, `${name}.yaml`);
    expect(await recordCommand(fixture(name), { output: file }, io)).toBe(0);
    expect(await checkCommand(fixture(name), { expect: file }, io)).toBe(0);
    expect(io.stdout).toMatch(/^pass {2}recorded-/);
  });

  test('another capture fails, with the packet that shows it', async () => {
    const io = keptIo();
    const file = path.join(folder, 'abort.yaml');
    await recordCommand(fixture('abort'), { output: file }, io);
    expect(await checkCommand(fixture('unread'), { expect: file, json: true }, io)).toBe(1);
    const result = JSON.parse(io.stdout) as { results: { verdict: string; failure: { frame: number } }[] };
    expect(result.results[0]).toMatchObject({ verdict: 'fail', failure: { frame: 1 } });
  });

  test('several conversations: which one is asked back', async () => {
    await expect(recordCommand(fixture('backlog'), {}, keptIo())).rejects.toMatchObject({
      name: 'ConversationChoiceError',
      remedy: expect.stringMatching(
        /^Say which with --stream: 0 \(10\.0\.0\.1:\d+ > 10\.0\.0\.2:8080, \d+ packets\), 1 /,
      ),
    });
    const io = keptIo();
    expect(await recordCommand(fixture('backlog'), { stream: 2 }, io)).toBe(0);
    expect(io.stdout).toContain('id: recorded-backlog-2\n');
  });
});
