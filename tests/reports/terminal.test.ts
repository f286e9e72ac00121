import { expect, test } from '@jest/globals';
import type { CaseResult, RunResults } from '../../harness/run/results.js';
import { coloursFor } from '../../reports/colours.js';
import { comparisonLines } from '../../reports/terminal/comparison-lines.js';
import { TerminalReporter, type TerminalOptions } from '../../reports/terminal.js';
import { kernelResetResult, runOf, sampleResult, sampleRun } from '../support/sample-results.js';

function report(run: RunResults, options: TerminalOptions = {}, tty = false): string {
  let text = '';
  const stream = { write: (part: string) => (text += part), isTTY: tty, columns: options.columns ?? 100 };
  const reporter = new TerminalReporter({ stream, env: {}, ...options });
  reporter.runStarted({
    total: run.results.length,
    startedAt: run.startedAt,
    implementations: run.implementations,
    jobs: 2,
  });
  for (const result of run.results) {
    reporter.caseStarted(result);
    reporter.caseFinished(result);
  }
  reporter.runFinished(run, { html: 'reports/out/index.html', json: 'reports/out/results.json' });
  return text;
}

const small = (): RunResults => {
  const run = sampleRun();
  const some = run.results.filter(({ tags }) => !tags.includes('state-matrix'));
  return runOf(some, ['tcp-lite', 'linux']);
};

test('a wide report, without a terminal: one line a case, failures whole, the summary', () => {
  expect(report(small(), { columns: 100 })).toMatchInlineSnapshot(`
    "9 cases on tcp-lite, linux
    ✓ pass          linux        echo-user-space              12 ms
    ✗ fail          tcp-lite     echo-user-space              12 ms A session between two user-space st…
    ✗ fail          tcp-lite     ack-of-data                  12 ms Data in the window is acknowledged …
    ✓ pass          linux        ack-of-data                  12 ms
    ≈ non-strict    tcp-lite     nagle-off                    12 ms the second write waited for the ACK…
    ✗ fail          linux        time-wait-2msl               12 ms known deviation: Linux waits 60 s, …
    – unsupported   tcp-lite     urgent-pointer               12 ms the ICS of tcp-lite says urgent: no
    ? inconclusive  tcp-lite     zero-window-probe            12 ms start: ESTABLISHED: the connection …
    ✓ pass          tcp-lite     bulk-with-losses             12 ms

    ✗ fail: echo-user-space on tcp-lite
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

    cause   The kernel of the client reset a connection that it does not know (packet 3)
            Packet 3 has no window and the sequence number that the SYN, ACK acknowledged; packets of
            the same connection follow from the same host.
    remedy  Run with lab: { kernel-rst: drop }, or give the stack an address that the kernel does not
            have.

    ✗ fail: ack-of-data on tcp-lite
    expectations/session/ack-of-data.yaml:11:5
    Data in the window is acknowledged within half a second
      expected  server: [ACK] Seq=1 Ack=15 Len=0
      actual    nothing within 500 ms

               client                                                                             server
               10.0.0.1:12345                                                              10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 MSS=1460 ──────────────────────────────────────────────▶│
      2 0.125  │◀─────────────────────────────────── [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 ──│
      3 0.250  │── [ACK] Seq=1 Ack=1 Win=65535 Len=0 ─────────────────────────────────────────────────▶│
      4 0.375  │── [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14 "Hello, Server!" ──────────────────────────▶│
    ✗          │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ [ACK] Seq=1 Ack=15 Len=0 ╌╌│
               │   ^ missing: never came                                                               │

              fail  inconclusive  non-strict  unsupported  pass   total
    tcp-lite     2             1           1            1     1       6
    linux        1             0           0            0     2       3

    9 results in 2.3 s
    report  reports/out/index.html
    json    reports/out/results.json
    exit 1: 2 results are not as it should be (2 fail)
    "
  `);
});

test('a narrow report', () => {
  expect(report(runOf([sampleResult(), kernelResetResult()], ['tcp-lite']), { columns: 46 }))
    .toMatchInlineSnapshot(`
    "2 cases on tcp-lite
    ✓ echo-user-space tcp-lite 12 ms
    ✗ echo-user-space tcp-lite 12 ms

    ✗ fail: echo-user-space on tcp-lite
    expectations/session/echo-user-space.yaml:10:5
    A session between two user-space stacks opens, echoes and closes, and nobody resets it
      expected  client: [ACK] Seq=1 Ack=1 Len=0
      actual    client: [RST] Seq=1 Win=0 Len=0            frame 3
      tcp.flags [ACK] 16 (0x010) over [RST] 4 (0x004)
      capture   captures/echo-user-space.pcapng  tcp.stream == 0
      again     sudo tcpspec run echo-user-space --iut tcp-lite

    → client 10.0.0.1:12345  ← server
    10.0.0.2:8080
      1 0.000  → [SYN] Seq=0 Win=65535 Len=0
                 MSS=1460
      2 0.125  ← [SYN, ACK] Seq=0 Ack=1 Win=65535
                 Len=0
                 MSS=1460
    ✗ 3 0.250  → [RST] Seq=1 Win=0 Len=0
                 ^ unexpected
                 expected: [ACK] Seq=1 Ack=1 Len=0
      4 0.375  → [ACK] Seq=1 Ack=1 Win=65535 Len=0
      5 0.500  → [PSH, ACK] Seq=1 Ack=1 Win=65535
                 Len=14
                 "Hello, Server!"
      6 0.625  ← [RST] Seq=1 Win=0 Len=0
      7 0.750  ← [RST] Seq=1 Win=0 Len=0

    cause   The kernel of the client reset a
            connection that it does not know
            (packet 3)
            Packet 3 has no window and the
            sequence number that the SYN, ACK
            acknowledged; packets of the same
            connection follow from the same host.
    remedy  Run with lab: { kernel-rst: drop }, or
            give the stack an address that the
            kernel does not have.

    tcp-lite: 2
      1 fail
      1 pass

    2 results in 2.3 s
    report  reports/out/index.html
    json    reports/out/results.json
    exit 1: 1 result is not as it should be (1 fail)
    "
  `);
});

test('a machine that stood still is spoken of', () => {
  const once = { ...sampleResult(), tries: 2 };
  expect(report(runOf([once, sampleResult()], ['tcp-lite']))).toMatch(
    /^1 case played again, since this machine/m,
  );
  expect(report(runOf([sampleResult()], ['tcp-lite']))).not.toContain('played again');
});

test('what never came to run for one reason is told once', () => {
  const sample = sampleResult();
  delete sample.failure;
  const notRun = (id: string, reason: string): CaseResult => ({
    ...{ ...sample, id, reason, verdict: 'error', unexpected: true, packets: [], capture: '' },
  });
  const results = [notRun('one', 'no program'), notRun('two', 'no program'), notRun('three', 'no device')];
  const text = report(runOf(results, ['tcp-lite']));
  expect(text.match(/reason {4}no program/g)).toHaveLength(1);
  expect(text).toContain('likewise  1 other case\n');
  expect(text).toMatch(/reason {4}no device/);
});

test('no control character is written where there is no terminal', () => {
  // eslint-disable-next-line no-control-regex
  expect(report(small())).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('colours: only on a terminal, NO_COLOR wins, FORCE_COLOR forces', () => {
  const run = runOf([sampleResult()], ['tcp-lite']);
  const coloured = (env: NodeJS.ProcessEnv, tty: boolean): boolean =>
    report(run, { env, live: false }, tty).includes('\u001b[');
  expect(coloured({}, true)).toBe(true);
  expect(coloured({}, false)).toBe(false);
  expect(coloured({ TERM: 'dumb' }, true)).toBe(false);
  expect(coloured({ NO_COLOR: '1' }, true)).toBe(false);
  expect(coloured({ NO_COLOR: '' }, true)).toBe(true);
  expect(coloured({ FORCE_COLOR: '1' }, false)).toBe(true);
  expect(coloured({ FORCE_COLOR: '0' }, true)).toBe(false);
  expect(coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }, true)).toBe(false);
});

test('a terminal sees what runs now; CI does not', () => {
  const run = runOf([sampleResult()], ['tcp-lite']);
  const live = report(run, { env: {}, colour: false }, true);
  expect(live).toContain('\u001b[J');
  expect(live).toMatch(/░+ 0\/1 {2}0 s\n/);
  expect(live.endsWith('exit 0: all as it should be\n')).toBe(true);
  expect(report(run, { env: { CI: 'true' }, colour: false }, true)).not.toContain('\u001b');
});

test('output of a stack cannot reach the terminal as control characters', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u202e';
  const base = kernelResetResult({ id: `case${evil}`, reason: evil, title: evil });
  const failure = { ...base.failure!, text: `text ${evil}`, expected: `[ACK] ${evil}`, requirement: evil };
  const text = report(runOf([{ ...base, failure }], ['tcp-lite']));
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(text).toContain('\\x1b]0;owned\\x07');
});

test('at most so many failures are printed whole', () => {
  const run = runOf(
    [kernelResetResult(), kernelResetResult({ id: 'b' }), kernelResetResult({ id: 'c' })],
    ['tcp-lite'],
  );
  expect(report(run, { maxFailures: 1 })).toContain('2 more like these are in the report');
});

test('a known deviation that deviates no longer is told what to do about it', () => {
  const cured = sampleResult({ unexpected: true, knownDeviation: { reason: 'waits 60 s' } });
  const text = report(runOf([cured], ['tcp-lite']));
  expect(text).toContain('  remedy    it deviates no longer: take it off the list of deviations\n');
  expect(text).toContain('exit 1: 1 known deviation deviates no longer\n');
});

test('the ladder takes the place of the plain packet list of a failure text; long sentences are folded', () => {
  const base = kernelResetResult({ diagnosis: [] });
  const text = [
    'case.yaml:10:5: packet 3 is one that must never come',
    '',
    '  packet       ms  client    server',
    '>      3    0.250  ---------------->  [RST] Seq=1 Win=0 Len=0',
    '',
    'Again:   sudo tcpspec run case.yaml --case echo-user-space --iut tcp-lite --and-more --and-more',
    '  why: The kernel answered a segment of a connection that it does not know with a reset of its own',
  ].join('\n');
  const shown = report(runOf([{ ...base, failure: { ...base.failure!, text } }], ['tcp-lite']), {
    columns: 80,
  });
  expect(shown.slice(shown.indexOf('case.yaml:10'), shown.indexOf('\n\n   ', shown.indexOf('why:'))))
    .toMatchInlineSnapshot(`
    "case.yaml:10:5: packet 3 is one that must never come

               client                                                         server
               10.0.0.1:12345                                          10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 MSS=1460 ──────────────────────────▶│
      2 0.125  │◀─────────────── [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 ──│
    ✗ 3 0.250  │══ [RST] Seq=1 Win=0 Len=0 ═══════════════════════════════════════▶│
               │   ^ unexpected                                                    │
               │   expected: [ACK] Seq=1 Ack=1 Len=0                               │
      4 0.375  │── [ACK] Seq=1 Ack=1 Win=65535 Len=0 ─────────────────────────────▶│
      5 0.500  │── [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14 "Hello, Server!" ──────▶│
      6 0.625  │◀─────────────────────────────────────── [RST] Seq=1 Win=0 Len=0 ──│
      7 0.750  │◀─────────────────────────────────────── [RST] Seq=1 Win=0 Len=0 ──│

    Again:   sudo tcpspec run case.yaml --case echo-user-space --iut tcp-lite --and-more --and-more
      why: The kernel answered a segment of a connection that it does not know with
           a reset of its own"
  `);
});

test('what is new since an earlier run stands above the exit status, by name', () => {
  const lines = comparisonLines(
    {
      earlier: '2026-11-14T10:00:00.000Z',
      newFailures: [{ id: 'echo\u001b[2J', iut: 'tcp-lite', before: 'pass', now: 'fail' }],
      fixed: Array.from({ length: 22 }, (_, at) => ({
        id: `case-${at}`,
        iut: 'linux',
        now: 'pass' as const,
      })),
      flaky: [],
      stillFailing: 3,
      added: 1,
      removed: 0,
    },
    { columns: 100, colours: coloursFor(false) },
  );
  expect(lines.slice(0, 3)).toEqual([
    'since 2026-11-14 10:00 UTC: 1 new failure, 22 fixed, 0 flaky, 3 still failing, 1 added',
    String.raw`  new      tcp-lite  echo\x1b[2J`,
    '  fixed    linux  case-0',
  ]);
  expect(lines.at(-1)).toBe('  2 more fixed');
  expect(lines).toHaveLength(1 + 1 + 20 + 1);
});
