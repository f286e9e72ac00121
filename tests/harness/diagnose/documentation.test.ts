import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { FINDINGS } from '../../../harness/diagnose/index.js';
import { analyzeCommand } from '../../../harness/cli/analyze.js';
import { main } from '../../../harness/cli/main.js';
import { recordCommand } from '../../../harness/cli/record.js';
import { keptIo } from '../../support/command-io.js';

jest.setTimeout(60_000);

const page = readFileSync('docs/analyse-a-capture.md', 'utf8');
const fixture = (name: string): string => `tests/fixtures/diagnose/${name}.pcap`;
const folder = mkdtempSync(path.join(tmpdir(), 'tcpspec-doc-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every finding is listed with what it says, and found somewhere', () => {
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(([, id, text]) => [id, text]);
  expect(listed).toEqual(Object.entries(FINDINGS));
  const rules = readdirSync('harness/diagnose/findings').map((file) =>
    readFileSync(`harness/diagnose/findings/${file}`, 'utf8'),
  );
  for (const id of Object.keys(FINDINGS))
    expect([id, rules.some((rule) => rule.includes(`'${id}'`))]).toEqual([id, true]);
});

test('the example is what is printed', async () => {
  const io = keptIo();
  await analyzeCommand(fixture('refused'), {}, io);
  const example = /```text\n([^]*?)```/.exec(page)?.[1]?.trimEnd();
  expect(io.stdout.replace('tests/fixtures/diagnose/', '')).toContain(example);
});

const commands = [...page.matchAll(/^tcpspec (.*)$/gm)].map(([, line = '']) => line.replace(/\s+#.*$/, ''));

test.each(commands)('tcpspec %s', async (command) => {
  const written = path.join(folder, 'session.yaml');
  await recordCommand(fixture('echo'), { output: written }, keptIo());
  const [line = '', redirect] = command.split(' > ');
  const words = line.split(' ').map((word) => {
    if (word === 'trouble.pcapng') return fixture('refused');
    if (word === 'session.pcapng') return fixture('echo');
    if (word === 'my-case.yaml') return written;
    if (/^\d$/.test(word)) return '0';
    return /\.(pcapng|yaml)$/.test(word) ? path.join(folder, word) : word;
  });
  const shown: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      shown.push(String(text));
      return true;
    }),
  );
  try {
    expect(await main(words)).toBe(words[0] === 'analyze' ? 1 : 0);
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  expect(shown.join('')).not.toBe('');
  if (redirect !== undefined) expect(shown.join('')).toMatch(/^# Recorded from/);
});

test('the text of tcpdump through a pipe', async () => {
  const io = keptIo('12:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 1, length 0\n');
  expect(await recordCommand('-', {}, io)).toBe(0);
  expect(io.stdout).toContain('  - client: "[SYN] Seq=0 Win=1 Len=0"');
});
