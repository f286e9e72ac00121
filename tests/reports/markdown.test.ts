import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { badgeEndpoint, badgeOf, badgeSvg } from '../../reports/badge.js';
import { GithubReporter, githubAnnotations, githubSummary } from '../../reports/github.js';
import { markdownSummary, markdownText } from '../../reports/markdown.js';
import { HOSTILE, hostileResult } from '../support/hostile-results.js';
import { kernelResetResult, largeRun, runOf, sampleResult, sampleRun } from '../support/sample-results.js';

test('the summary of a pull request', () => {
  const results = sampleRun().results.filter(({ tags }) => !tags.includes('state-matrix'));
  expect(markdownSummary(runOf(results, ['tcp-lite', 'linux']), { ladders: 1 })).toMatchInlineSnapshot(`
    "## ✗ tcpspec: 2 results are not as it should be (2 fail)

    9 results in 2.3 s.

    |  | ✗ fail | ? inconclusive | ≈ non-strict | – unsupported | ✓ pass |
    | --- | --- | --- | --- | --- | --- |
    | tcp-lite | 2 | 1 | 1 | 1 | 1 |
    | linux | 1 | 0 | 0 | 0 | 2 |

    | rules | tcp-lite | linux |
    | --- | --- | --- |
    | MUST | 1 of 3 kept (33 %), 6 in all | 2 of 3 kept (66 %), 6 in all |
    | SHOULD | 0 of 1 kept (0 %), 1 in all | 0 of 0 kept, 1 in all |
    | MAY | 0 of 0 kept, 0 in all | 0 of 0 kept, 0 in all |

    ### What is broken

    | verdict | implementation | case | rules | seen |
    | --- | --- | --- | --- | --- |
    | ✗ fail | tcp-lite | echo-user-space | MUST-2 | packet 3: \\[RST\\] Seq=1 Win=0 Len=0, expected client: "\\[ACK\\] Seq=1 Ack=1 Len=0" (The kernel of the client reset a connection that it does not know) |
    | ✗ fail | tcp-lite | ack-of-data | MUST-58 | nothing, expected server: "\\[ACK\\] Seq=1 Ack=15 Len=0" |
    | ✗ fail (known) | linux | time-wait-2msl | MUST-13 | Linux waits 60 s, whatever the MSL |

    <details><summary>echo-user-space on tcp-lite</summary>

    \`\`\`text
    expectations/session/echo-user-space.yaml:10:5
    A session between two user-space stacks opens, echoes and closes, and nobody resets it
      expected  client: [ACK] Seq=1 Ack=1 Len=0
      actual    client: [RST] Seq=1 Win=0 Len=0            frame 3
      tcp.flags [ACK] 16 (0x010) over [RST] 4 (0x004)
      capture   captures/echo-user-space.pcapng  tcp.stream == 0
      again     sudo tcpspec run echo-user-space --iut tcp-lite

               client                                                                             server
               10.0.0.1:12345                                                              10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 MSS=1460 ──────────────────────────────────────────────▶│
      2 0.125  │◀─────────────────────────────────── [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 ──│
    ✗ 3 0.250  │══ [RST] Seq=1 Win=0 Len=0 ═══════════════════════════════════════════════════════════▶│
               │   ^ unexpected                                                                        │
               │   expected: [ACK] Seq=1 Ack=1 Len=0                                                   │
      4 0.375  │── [ACK] Seq=1 Ack=1 Win=65535 Len=0 ─────────────────────────────────────────────────▶│
      5 0.500  │── [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14 "Hello, Server!" ──────────────────────────▶│
      6 0.625  │◀─────────────────────────────────────────────────────────── [RST] Seq=1 Win=0 Len=0 ──│
      7 0.750  │◀─────────────────────────────────────────────────────────── [RST] Seq=1 Win=0 Len=0 ──│
    \`\`\`

    </details>
    "
  `);
});

test.each(HOSTILE)('no markup, mention, link or break comes from %j', (text) => {
  const one = markdownText(text);
  expect(one).not.toMatch(/[<>\n@]|(?<!\\)[`|*_[\]]/);
  const summary = markdownSummary(
    runOf([{ ...hostileResult(text), knownDeviation: undefined } as never], [text]),
  );
  const outside = summary.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
  expect(outside.match(/<[a-z/]+>/g)).toEqual(['<details>', '<summary>', '</summary>', '</details>']);
});

test('a job summary stays below the limit of a million octets', () => {
  expect(Buffer.byteLength(githubSummary(largeRun(500, 4)))).toBeLessThan(1_000_000);
});

test('annotations stand at the failing line of the case', () => {
  expect(githubAnnotations(runOf([kernelResetResult(), sampleResult()], ['tcp-lite'])))
    .toMatchInlineSnapshot(`
    [
      "::error file=expectations/session/echo-user-space.yaml,line=10,col=5,title=fail%3A echo-user-space on tcp-lite::A session between two user-space stacks opens, echoes and closes, and nobody resets it%0Apacket 3: [RST] Seq=1 Win=0 Len=0, expected client: "[ACK] Seq=1 Ack=1 Len=0" (The kernel of the client reset a connection that it does not know)",
    ]
  `);
});

test.each(HOSTILE)('an annotation stays one command with %j', (text) => {
  const [line, ...more] = githubAnnotations(runOf([hostileResult(text)], [text]));
  expect(more).toEqual([]);
  expect(line).toMatch(/^::error file=[^:,]*,line=\d+,col=\d+,title=[^:,]*::[^\r\n]*$/);
});

test('a job of GitHub Actions gets annotations on its log and the summary on its page', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-github-'));
  const file = path.join(folder, 'summary');
  let log = '';
  const run = runOf([kernelResetResult()], ['tcp-lite']);
  new GithubReporter({ write: (text) => (log += text) }, { GITHUB_STEP_SUMMARY: file }).runFinished(run);
  expect(log).toBe(`${githubAnnotations(run)[0]}\n`);
  expect(await readFile(file, 'utf8')).toBe(githubSummary(run));
  await rm(folder, { recursive: true });
});

test('badges', () => {
  const bad = runOf([kernelResetResult(), sampleResult()], ['tcp-lite']);
  expect(badgeOf(bad)).toEqual({ label: 'RFC 9293', message: '1 of 2 not', colour: 'bad' });
  expect(badgeOf(bad, 'tcp-lite')).toEqual({
    label: 'tcp-lite RFC 9293',
    message: '0/1 MUST',
    colour: 'bad',
  });
  expect(badgeEndpoint(badgeOf(runOf([sampleResult()], ['tcp-lite'])))).toEqual({
    schemaVersion: 1,
    label: 'RFC 9293',
    message: '1 as expected',
    color: 'brightgreen',
  });
  expect(badgeSvg({ label: '<b>', message: '"&', colour: 'open' })).toContain(
    'aria-label="&lt;b&gt;: &quot;&amp;"',
  );
});
