import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as allure from 'allure-js-commons';
import { FileSystemWriter, ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import { MessageTestRuntime, setGlobalTestRuntime } from 'allure-js-commons/sdk/runtime';
import type { CaseResult } from '../../harness/run/results.js';
import { attachResult, causeOf, packetCsv } from '../../reports/allure-attach.js';
import { generateAllure, stripTracking } from '../../reports/allure-generate.js';
import { hostileResult } from '../support/hostile-results.js';
import { kernelResetResult, missingAckResult, sampleResult, sampleRun } from '../support/sample-results.js';

const CATALOGUE = [{ id: 'MUST-2', level: 'MUST', section: '3.1', feature: 'Checksums' }];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-allure-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

/** Tells Allure's own runtime of a result, as a jest suite does, and gives what it wrote. */
async function tell(
  result: CaseResult,
): Promise<{ labels: [string, string][]; attachments: string[]; steps: unknown[] }> {
  const runtime = new ReporterRuntime({
    writer: new FileSystemWriter({ resultsDir: path.join(dir, 'results') }),
  });
  const uuid = runtime.startTest({ name: result.title, fullName: `${result.iut}#${result.id}` });
  class Told extends MessageTestRuntime {
    override async sendMessage(
      message: Parameters<typeof runtime.applyRuntimeMessages>[1][number],
    ): Promise<void> {
      runtime.applyRuntimeMessages(uuid, [message]);
      return Promise.resolve();
    }
  }
  setGlobalTestRuntime(new Told() as unknown as Parameters<typeof setGlobalTestRuntime>[0]);
  await attachResult(allure, result, { requirements: CATALOGUE, capture: Buffer.from('capture') });
  runtime.updateTest(uuid, (own) => {
    own.status = (result.unexpected ? 'failed' : 'passed') as allure.Status;
    own.stage = 'finished' as allure.Stage;
  });
  runtime.stopTest(uuid);
  runtime.writeTest(uuid);
  const written = JSON.parse(
    await readFile(path.join(dir, 'results', `${uuid}-result.json`), 'utf8'),
  ) as allure.TestResult;
  const attached = written.steps.flatMap(({ attachments }) => attachments).concat(written.attachments);
  return {
    labels: written.labels.map(({ name, value }): [string, string] => [name, value]),
    attachments: attached.map(({ name, type, source }) => `${name}: ${type} ${path.extname(source)}`),
    steps: written.steps
      .filter(({ attachments }) => attachments.length === 0)
      .map(({ name, status }) => [status, name]),
  };
}

test('labels by RFC, section and rule; a step a packet; everything attached', async () => {
  expect(await tell(kernelResetResult())).toMatchInlineSnapshot(`
    {
      "attachments": [
        "Failure: text/plain .txt",
        "Ladder: image/svg+xml .svg",
        "Ladder as text: text/plain .txt",
        "Packets: text/csv .csv",
        "Capture: application/vnd.tcpdump.pcap .pcapng",
        "Expectation: application/yaml .yaml",
        "Output of tcp-lite: text/plain .txt",
      ],
      "labels": [
        [
          "epic",
          "RFC 9293",
        ],
        [
          "feature",
          "RFC 9293 section 3.1, Header Format",
        ],
        [
          "story",
          "MUST-2: Checksums",
        ],
        [
          "severity",
          "critical",
        ],
        [
          "verdict",
          "fail",
        ],
        [
          "implementation",
          "tcp-lite",
        ],
        [
          "cause",
          "kernel-reset",
        ],
        [
          "tag",
          "fail",
        ],
        [
          "tag",
          "session",
        ],
      ],
      "steps": [
        [
          "passed",
          "1 client: 12345 → 8080 [SYN] Seq=0 Win=65535 Len=0 MSS=1460",
        ],
        [
          "passed",
          "2 server: 8080 → 12345 [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460",
        ],
        [
          "failed",
          "3 client: 12345 → 8080 [RST] Seq=1 Win=0 Len=0 (unexpected, expected [ACK] Seq=1 Ack=1 Len=0)",
        ],
        [
          "skipped",
          "4 client: 12345 → 8080 [ACK] Seq=1 Ack=1 Win=65535 Len=0",
        ],
        [
          "skipped",
          "5 client: 12345 → 8080 [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14",
        ],
        [
          "skipped",
          "6 server: 8080 → 12345 [RST] Seq=1 Win=0 Len=0",
        ],
        [
          "skipped",
          "7 server: 8080 → 12345 [RST] Seq=1 Win=0 Len=0",
        ],
      ],
    }
  `);
});

test('causes are what categories are made by', () => {
  expect(causeOf(kernelResetResult())).toBe('kernel-reset');
  expect(causeOf(missingAckResult())).toBe('missing');
  expect(causeOf(sampleResult({ verdict: 'inconclusive' }))).toBe('inconclusive');
  expect(causeOf(sampleResult({ knownDeviation: { reason: 'x' } }))).toBe('deviation cured');
  expect(causeOf(kernelResetResult({ knownDeviation: { reason: 'x' } }))).toBe('known deviation');
});

test('a packet table that a spreadsheet takes for text', () => {
  const csv = packetCsv(hostileResult('=cmd|"x"!A1\n+1'));
  expect(csv.split('\r\n')[1]).toMatchInlineSnapshot(
    `"1,0.000000,"'=cmd|""x""!A1\\n+1","'=cmd|""x""!A1\\n+1",TCP,54,"[TCP =cmd|""x""!A1\\n+1] 12345 → 8080 [=cmd|""x""!A1\\n+1] Seq=0 Win=65535 Len=20 =cmd|""x""!A1\\n+1","`,
  );
});

test('the report is made without Java and without a network, and calls nobody', async () => {
  for (const result of sampleRun().results.slice(0, 4)) await tell(result);
  const page = await generateAllure({ cwd: dir, results: 'results', output: 'report' });
  expect(page).toBe(path.join(dir, 'report', 'index.html'));
  const text = await readFile(page!, 'utf8');
  expect(text).not.toMatch(/googletagmanager|google-analytics|gtag\(/);
  expect(await readdir(path.join(dir, '.tcpspec'))).toEqual(['allure-history.jsonl']);
}, 60_000);

test('nothing to report is no report', async () => {
  expect(await generateAllure({ cwd: dir })).toBeUndefined();
});

test('the call to Google goes, all else stays', () => {
  const page = `<script>window.allure = {};</script>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-X"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
  gtag('js', new Date());
</script>
<script>window.reportFiles = 1;</script>`;
  expect(stripTracking(page)).toBe(
    '<script>window.allure = {};</script>\n\n\n<script>window.reportFiles = 1;</script>',
  );
});
