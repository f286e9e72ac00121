import type { Place, Role, TestCase } from '../case/model.js';
import type { Finding } from '../diagnose/report.js';
import type { Failure } from '../match/verdict.js';
import type { AppOutcome } from '../upper-tester/app.js';
import type { AlwaysBroken } from './always.js';

interface Where {
  captureFile: string;
  rerun: string;
}

/** A finding that the case asks for is not there. */
export function findingFailure(
  testCase: TestCase,
  missing: { id: string; absent?: true; place: Place },
  findings: Finding[],
  where: Where,
): Failure {
  const seen = findings.length === 0 ? 'none' : findings.map((finding) => finding.id).join(', ');
  const expected = missing.absent ? `no finding ${missing.id}` : `finding ${missing.id}`;
  return failure(testCase, missing.place, 'finding', expected, seen, where);
}

/** The case saw what it asked for, and beside it a segment that is wrong in every case. */
export function alwaysFailure(testCase: TestCase, broken: AlwaysBroken, where: Where): Failure {
  const { frame, expected, actual } = broken;
  return { ...failure(testCase, testCase.place, 'never', expected, actual, where), frame };
}

/** The wire was as expected, but the application on one end was not served. */
export function iutFailure(
  testCase: TestCase,
  role: Role,
  problem: { action: string; place: Place; message: string },
  where: Where,
): Failure {
  const expected = `the ${role}'s application can ${problem.action}`;
  return failure(testCase, problem.place, 'iut', expected, problem.message, where);
}

/** Adds to a failure what an analyst would say of the offending frame. */
export function explainFindings(base: Failure, findings: Finding[]): Failure {
  const relevant = findings.filter(
    (finding) =>
      finding.severity !== 'note' && (base.frame === undefined || finding.frames.includes(base.frame)),
  );
  if (relevant.length === 0) return base;
  const lines = relevant.flatMap((finding) => [
    `  why: ${finding.title} (${finding.id})`,
    `       ${finding.explanation}`,
    ...(finding.remedy === undefined ? [] : [`  do:  ${finding.remedy}`]),
  ]);
  return { ...base, text: `${base.text.trimEnd()}\n${lines.join('\n')}\n` };
}

/** Adds to a failure what the applications met, since it often explains what the wire shows. */
export function explainApplications(base: Failure, outcomes: Partial<Record<Role, AppOutcome>>): Failure {
  const lines = (['client', 'server'] as const).flatMap((role) => {
    const problem = outcomes[role]?.problem;
    return problem ? [`  ${role}: its application could not ${problem.action}: ${problem.message}`] : [];
  });
  return lines.length === 0 ? base : { ...base, text: `${base.text.trimEnd()}\n${lines.join('\n')}\n` };
}

function failure(
  testCase: TestCase,
  place: Place,
  kind: Failure['kind'],
  expected: string,
  actual: string,
  where: Where,
): Failure {
  const text = [
    `${place.file}:${place.line}:${place.column}: ${testCase.purpose}`,
    `  expected: ${expected}`,
    `  actual:   ${actual}`,
    `  capture:  ${where.captureFile}`,
    `  again:    ${where.rerun}`,
    '',
  ].join('\n');
  return {
    step: 0,
    place,
    requirement: testCase.purpose,
    expected,
    actual,
    kind,
    differences: [],
    text,
  };
}
