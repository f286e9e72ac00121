import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { junitXml, outcomeOf } from '../../reports/junit.js';
import { xmlContent, xmlText } from '../../reports/xml.js';
import { HOSTILE, hostileResult } from '../support/hostile-results.js';
import { kernelResetResult, runOf, sampleResult, sampleRun } from '../support/sample-results.js';

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

test('a suite an implementation; failures, errors and skips with their messages', () => {
  const run = sampleRun();
  const results = run.results.filter(({ tags }) => !tags.includes('state-matrix'));
  const error = sampleResult({
    id: 'lost',
    verdict: 'error',
    unexpected: true,
    reason: 'the capture dropped 3 packets',
  });
  expect(junitXml(runOf([...results, error], ['tcp-lite', 'linux']))).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="tcp-lite" package="tcpspec" id="0" hostname="localhost" timestamp="2026-11-20T10:00:00" tests="7" failures="2" errors="1" skipped="2" time="0.087">
        <properties>
          <property name="tcpspec" value="0.1.0"/>
          <property name="node" value="v20.20.2"/>
          <property name="tshark" value="4.0.17"/>
          <property name="kernel" value="6.18.0"/>
        </properties>
        <testcase name="echo-user-space: Echo between two user-space stacks completes without a reset" classname="tcp-lite.expectations.session" time="0.012">
          <failure message="fail: A session between two user-space stacks opens, echoes and closes, and nobody resets it" type="unexpected">expectations/session/echo-user-space.yaml:10:5
    A session between two user-space stacks opens, echoes and closes, and nobody resets it
      expected  client: [ACK] Seq=1 Ack=1 Len=0
      actual    client: [RST] Seq=1 Win=0 Len=0            frame 3
      tcp.flags [ACK] 16 (0x010) over [RST] 4 (0x004)
      capture   captures/echo-user-space.pcapng  tcp.stream == 0
      again     sudo tcpspec run echo-user-space --iut tcp-lite

    output of tcp-lite:
    client: SYN-SENT -&gt; ESTABLISHED
    client: reset by peer
    </failure>
        </testcase>
        <testcase name="ack-of-data: Data in the window is acknowledged" classname="tcp-lite.expectations.session" time="0.012">
          <failure message="fail: Data in the window is acknowledged within half a second" type="missing">expectations/session/ack-of-data.yaml:11:5
    Data in the window is acknowledged within half a second
      expected  server: [ACK] Seq=1 Ack=15 Len=0
      actual    nothing within 500 ms</failure>
        </testcase>
        <testcase name="nagle-off: Small writes go out at once without Nagle" classname="tcp-lite.expectations.session" time="0.012"/>
        <testcase name="urgent-pointer: The urgent pointer is the last octet of urgent data" classname="tcp-lite.expectations.session" time="0.012">
          <skipped message="unsupported: the ICS of tcp-lite says urgent: no"/>
        </testcase>
        <testcase name="zero-window-probe: A closed window is probed" classname="tcp-lite.expectations.session" time="0.012">
          <skipped message="inconclusive at start: ESTABLISHED: the connection never came to ESTABLISHED"/>
        </testcase>
        <testcase name="bulk-with-losses: A transfer with losses recovers by SACK" classname="tcp-lite.expectations.session" time="0.012"/>
        <testcase name="lost: Echo between two user-space stacks completes without a reset" classname="tcp-lite.expectations.session" time="0.012">
          <error message="error: the capture dropped 3 packets" type="error">expectations/session/echo-user-space.yaml:1: the capture dropped 3 packets
      again: sudo tcpspec run echo-user-space --iut tcp-lite
    </error>
        </testcase>
        <system-out></system-out>
        <system-err></system-err>
      </testsuite>
      <testsuite name="linux" package="tcpspec" id="1" hostname="localhost" timestamp="2026-11-20T10:00:00" tests="3" failures="0" errors="0" skipped="1" time="0.037">
        <properties>
          <property name="tcpspec" value="0.1.0"/>
          <property name="node" value="v20.20.2"/>
          <property name="tshark" value="4.0.17"/>
          <property name="kernel" value="6.18.0"/>
        </properties>
        <testcase name="echo-user-space: Echo between two user-space stacks completes without a reset" classname="linux.expectations.session" time="0.012"/>
        <testcase name="ack-of-data: Data in the window is acknowledged" classname="linux.expectations.session" time="0.012"/>
        <testcase name="time-wait-2msl: TIME-WAIT lasts two MSL" classname="linux.expectations.session" time="0.012">
          <skipped message="known deviation: Linux waits 60 s, whatever the MSL"/>
        </testcase>
        <system-out></system-out>
        <system-err></system-err>
      </testsuite>
    </testsuites>
    "
  `);
});

test('each verdict counts as a build server has to see it', () => {
  const known = { reason: 'waits 60 s' };
  expect(outcomeOf(sampleResult())).toBe('passed');
  expect(outcomeOf(sampleResult({ verdict: 'non-strict' }))).toBe('passed');
  expect(outcomeOf(kernelResetResult())).toBe('failure');
  expect(outcomeOf(kernelResetResult({ unexpected: false, knownDeviation: known }))).toBe('skipped');
  expect(outcomeOf(sampleResult({ unexpected: true, knownDeviation: known }))).toBe('failure');
  expect(outcomeOf(sampleResult({ verdict: 'error', unexpected: true }))).toBe('error');
  expect(outcomeOf(sampleResult({ verdict: 'inconclusive', unexpected: true }))).toBe('failure');
  expect(outcomeOf(sampleResult({ verdict: 'inconclusive', knownDeviation: known }))).toBe('skipped');
  expect(outcomeOf(sampleResult({ verdict: 'unsupported' }))).toBe('skipped');
});

test.each(HOSTILE)('XML stays well-formed and allowed with %j', (text) => {
  const xml = junitXml(runOf([hostileResult(text)], [text]));
  expect(xml).not.toMatch(FORBIDDEN);
  expect(Buffer.from(xml).toString()).toBe(xml);
  const elements = [...xml.matchAll(/<\/?([a-z-]+)/g)].map(([, name]) => name);
  expect(new Set(elements)).toEqual(
    new Set([
      'testsuites',
      'testsuite',
      'properties',
      'property',
      'testcase',
      'failure',
      'system-out',
      'system-err',
    ]),
  );
});

// The machine's XSD validator; a machine without one checks the snapshot above alone.
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

(hasXmllint ? describe : describe.skip)('valid against what Jenkins and Ant take', () => {
  const problemsOf = (xml: string): string => {
    const args = ['--noout', '--nonet', '--schema', 'tests/fixtures/junit.xsd', '-'];
    const { status, stderr } = spawnSync('xmllint', args, { input: xml, encoding: 'utf8' });
    return status === 0 ? '' : stderr;
  };

  test('a run of every verdict', () => {
    const results = (['pass', 'non-strict', 'fail', 'inconclusive', 'unsupported', 'error'] as const).map(
      (verdict) => sampleResult({ id: verdict, verdict, unexpected: verdict === 'error' }),
    );
    expect(problemsOf(junitXml(runOf(results, ['tcp-lite', 'linux'])))).toBe('');
    expect(problemsOf(junitXml(sampleRun()))).toBe('');
    expect(problemsOf(junitXml(runOf([], [])))).toBe('');
  });

  test('hostile texts', () => {
    expect(problemsOf(junitXml(runOf(HOSTILE.map(hostileResult), HOSTILE)))).toBe('');
  });

  test('and the validator does refuse', () => {
    const xml = junitXml(sampleRun());
    expect(problemsOf(xml.replace(/ time="[^"]*"/, ''))).toContain("attribute 'time' is required");
    expect(problemsOf(xml.replace('<failure', '<failures').replace('</failure', '</failures'))).not.toBe('');
  });
});

test('escaped text holds no character that XML 1.0 forbids and none that ends it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(xmlText(text)).not.toMatch(/[<>"']/);
      expect(xmlContent(text)).not.toMatch(/[<>]/);
      expect(xmlText(text) + xmlContent(text)).not.toMatch(FORBIDDEN);
    }),
  );
});
