import type { Failure, PacketMark, Verdict } from '../../harness/match/verdict.js';
import type { CaseResult, PacketRow, RunResults } from '../../harness/run/results.js';
import { RESULTS_SCHEMA_VERSION } from '../../harness/run/results.js';
import { countVerdicts } from '../../reports/verdicts.js';
import { bulkTransfer, echoSession, kernelReset } from './sample-packets.js';

const SOURCE = `id: echo-user-space
title: Echo between two user-space stacks completes without a reset
covers: [MUST-2, R9293-3.5]
lab: { kernel-rst: allow }
client: { port: 12345, isn: 1000000, app: { send: "Hello, Server!", receive: 20, then: close } }
server: { port: 8080, isn: 500000, app: { echo: "Echo: " } }
expect:
  - client: "[SYN] Seq=0 Win=65535 Len=0"
  - server: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0"
  - client: "[ACK] Seq=1 Ack=1 Len=0"
  - client: "[PSH, ACK] Seq=1 Ack=1 Len=14"
    payload: "Hello, Server!"
never:
  - tcp.flags.reset == 1
`;

/** One result as the engine hands it over; whatever a test does not name is a passing echo session. */
export function sampleResult(overrides: Partial<CaseResult> = {}): CaseResult {
  const packets = overrides.packets ?? echoSession();
  return {
    id: 'echo-user-space',
    title: 'Echo between two user-space stacks completes without a reset',
    purpose: 'A session between two user-space stacks opens, echoes and closes, and nobody resets it',
    iut: 'tcp-lite',
    family: 'ipv4',
    verdict: 'pass',
    level: 'MUST',
    covers: ['MUST-2'],
    tags: ['session'],
    file: 'expectations/session/echo-user-space.yaml',
    line: 1,
    durationMs: 12.4,
    phases: { lab: 2.1, traffic: 4.2, cut: 1.1, dissect: 3.4, judge: 0.4 },
    unexpected: false,
    outcomes: [],
    capture: 'captures/echo-user-space.pcapng',
    displayFilter: 'tcp.stream == 0',
    rerun: 'sudo tcpspec run echo-user-space --iut tcp-lite',
    packets,
    marks: packets.map(({ frame }): PacketMark => ({ frame, mark: 'expected', step: frame })),
    diagnosis: [],
    source: SOURCE,
    ...overrides,
  };
}

/** The failure that issue number one of every user-space TCP has: the kernel resets what it does not know. */
export function kernelResetResult(overrides: Partial<CaseResult> = {}): CaseResult {
  const packets = kernelReset();
  return sampleResult({
    verdict: 'fail',
    unexpected: true,
    packets,
    marks: packets.map(({ frame }): PacketMark => {
      if (frame === 3) return { frame, mark: 'unexpected' };
      return frame < 3 ? { frame, mark: 'expected', step: frame } : { frame, mark: 'not-judged' };
    }),
    failure: kernelResetFailure(),
    diagnosis: [
      {
        id: 'kernel-reset',
        severity: 'error',
        frames: [3],
        title: 'The kernel of the client reset a connection that it does not know',
        explanation:
          'Packet 3 has no window and the sequence number that the SYN, ACK acknowledged; packets of the same connection follow from the same host.',
        remedy:
          'Run with lab: { kernel-rst: drop }, or give the stack an address that the kernel does not have.',
      },
    ],
    output: 'client: SYN-SENT -> ESTABLISHED\nclient: reset by peer\n',
    ...overrides,
  });
}

/** A packet that was owed and never came. */
export function missingAckResult(overrides: Partial<CaseResult> = {}): CaseResult {
  const packets = echoSession().slice(0, 4);
  return sampleResult({
    id: 'ack-of-data',
    title: 'Data in the window is acknowledged',
    verdict: 'fail',
    unexpected: true,
    covers: ['MUST-58'],
    packets,
    marks: packets.map(({ frame }): PacketMark => ({ frame, mark: 'expected', step: frame })),
    failure: {
      step: 5,
      place: { file: 'expectations/session/ack-of-data.yaml', line: 11, column: 5 },
      requirement: 'Data in the window is acknowledged within half a second',
      expected: 'server: "[ACK] Seq=1 Ack=15 Len=0"',
      actual: 'nothing',
      kind: 'missing',
      from: 'server',
      differences: [],
      text: 'expectations/session/ack-of-data.yaml:11:5\nData in the window is acknowledged within half a second\n  expected  server: [ACK] Seq=1 Ack=15 Len=0\n  actual    nothing within 500 ms',
    },
    ...overrides,
  });
}

/** A run of four kinds of result on two implementations, with everything that a report can show. */
export function sampleRun(): RunResults {
  const bulk = bulkTransfer(400);
  const results: CaseResult[] = [
    sampleResult({ iut: 'linux' }),
    kernelResetResult(),
    missingAckResult(),
    missingAckResult({ iut: 'linux', verdict: 'pass', unexpected: false, ...passing(echoSession()) }),
    sampleResult({
      id: 'nagle-off',
      title: 'Small writes go out at once without Nagle',
      level: 'SHOULD',
      covers: ['SHLD-7'],
      verdict: 'non-strict',
      iut: 'tcp-lite',
      reason: 'the second write waited for the ACK of the first',
    }),
    sampleResult({
      id: 'time-wait-2msl',
      title: 'TIME-WAIT lasts two MSL',
      covers: ['MUST-13'],
      verdict: 'fail',
      iut: 'linux',
      reason: 'Linux waits 60 s, whatever the MSL',
      knownDeviation: {
        reason: 'Linux waits 60 s, whatever the MSL',
        reference: 'include/net/tcp.h: TCP_TIMEWAIT_LEN',
      },
    }),
    sampleResult({
      id: 'urgent-pointer',
      title: 'The urgent pointer is the last octet of urgent data',
      covers: ['MUST-62'],
      verdict: 'unsupported',
      reason: 'the ICS of tcp-lite says urgent: no',
    }),
    sampleResult({
      id: 'zero-window-probe',
      title: 'A closed window is probed',
      covers: ['MUST-36'],
      verdict: 'inconclusive',
      stage: 'start: ESTABLISHED',
      reason: 'the connection never came to ESTABLISHED',
    }),
    sampleResult({
      id: 'bulk-with-losses',
      title: 'A transfer with losses recovers by SACK',
      covers: ['R2018-3'],
      ...passing(bulk),
    }),
    ...stateCells(),
  ];
  return runOf(results, ['tcp-lite', 'linux']);
}

/** `cases` cases on each of `iuts` implementations: what the report's limits are measured with. */
export function largeRun(cases: number, iuts: number): RunResults {
  const names = ['tcp-lite', 'linux', 'lwip', 'yours', ...Array.from({ length: 20 }, (_, i) => `stack-${i}`)];
  const verdicts: Verdict[] = [
    'pass',
    'pass',
    'pass',
    'pass',
    'pass',
    'pass',
    'non-strict',
    'inconclusive',
    'unsupported',
  ];
  const results: CaseResult[] = [];
  for (let index = 0; index < cases; index++) {
    for (const [column, iut] of names.slice(0, iuts).entries()) {
      const rule = (index * 7) % 69;
      const own: Partial<CaseResult> = {
        id: `case-${index}${index % 5 === 4 ? '@ipv6' : ''}`,
        title: `Rule ${rule} holds in situation ${index}`,
        covers: [`MUST-${rule + 1}`],
        iut,
        file: `expectations/generated/case-${index}.yaml`,
        source: SOURCE.replace('echo-user-space', `case-${index}`),
        rerun: `sudo tcpspec run case-${index} --iut ${iut}`,
        capture: `captures/${iut}/case-${index}.pcapng`,
      };
      if ((index + column) % 41 === 7) results.push(kernelResetResult(own));
      else if (index % 50 === 13) results.push(sampleResult({ ...own, ...passing(bulkTransfer(200)) }));
      else results.push(sampleResult({ ...own, verdict: verdicts[(index * 3 + column) % verdicts.length]! }));
    }
  }
  return runOf(results, names.slice(0, iuts));
}

export function runOf(results: CaseResult[], iuts: string[]): RunResults {
  const counts = countVerdicts(results);
  return {
    schemaVersion: RESULTS_SCHEMA_VERSION,
    startedAt: '2026-11-20T10:00:00.000Z',
    durationMs: 2345,
    environment: { tcpspec: '0.1.0', node: 'v20.20.2', tshark: '4.0.17', kernel: '6.18.0' },
    implementations: iuts.map((name) => ({
      name,
      title: name === 'linux' ? "Linux's own TCP" : `The stack ${name}`,
      attach: name === 'linux' ? 'kernel' : 'packet',
      deviations:
        name === 'linux'
          ? [
              {
                case: 'time-wait-2msl',
                reason: 'Linux waits 60 s, whatever the MSL',
                reference: 'include/net/tcp.h',
              },
            ]
          : [],
    })),
    results,
    summary: {
      ...counts,
      total: results.length,
      unexpected: results.filter(({ unexpected }) => unexpected).length,
    },
  };
}

function stateCells(): CaseResult[] {
  const states = ['CLOSED', 'LISTEN', 'SYN-SENT', 'ESTABLISHED', 'TIME-WAIT'];
  const segments = ['syn', 'ack_ok', 'rst_exact', 'fin_in_order', 'data_in'];
  return states.flatMap((state, row) =>
    segments
      .filter((_, column) => (row + column) % 4 !== 3)
      .map((segment) =>
        sampleResult({
          id: `state-matrix[${state} ${segment}]`,
          title: `${segment} in ${state}`,
          tags: ['state-matrix', `state:${state}`, `segment:${segment}`],
          covers: ['R9293-3.10.7'],
          verdict: state === 'TIME-WAIT' && segment === 'rst_exact' ? 'inconclusive' : 'pass',
        }),
      ),
  );
}

function passing(packets: PacketRow[]): Partial<CaseResult> {
  return {
    packets,
    marks: packets.map(({ frame }): PacketMark => ({ frame, mark: 'expected', step: frame })),
  };
}

function kernelResetFailure(): Failure {
  return {
    step: 3,
    place: { file: 'expectations/session/echo-user-space.yaml', line: 10, column: 5 },
    requirement: 'A session between two user-space stacks opens, echoes and closes, and nobody resets it',
    expected: 'client: "[ACK] Seq=1 Ack=1 Len=0"',
    actual: '[RST] Seq=1 Win=0 Len=0',
    frame: 3,
    kind: 'unexpected',
    differences: [{ field: 'tcp.flags', expected: '[ACK] 16 (0x010)', actual: '[RST] 4 (0x004)' }],
    text: [
      'expectations/session/echo-user-space.yaml:10:5',
      'A session between two user-space stacks opens, echoes and closes, and nobody resets it',
      '  expected  client: [ACK] Seq=1 Ack=1 Len=0',
      '  actual    client: [RST] Seq=1 Win=0 Len=0            frame 3',
      '  tcp.flags [ACK] 16 (0x010) over [RST] 4 (0x004)',
      '  capture   captures/echo-user-space.pcapng  tcp.stream == 0',
      '  again     sudo tcpspec run echo-user-space --iut tcp-lite',
    ].join('\n'),
  };
}
