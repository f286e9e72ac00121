import type { CaseResult, RunResults } from '../harness/run/results.js';
import { implementationsOf } from './html/collect.js';
import { printable } from './printable.js';
import { xmlContent, xmlText } from './xml.js';

/**
 * The results as JUnit XML, valid against the schemas of Jenkins (junit-10.xsd) and of Ant's JUnitReport: a suite an
 * implementation. Whatever makes the run fail is a failure, errors are errors; what was unsupported or is a known deviation
 * is skipped with its reason.
 */
export function junitXml(run: RunResults): string {
  const suites = implementationsOf(run).map(({ name }, number) =>
    suite(
      name,
      number,
      run.results.filter(({ iut }) => iut === name),
      run,
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

/** How a result counts where there are only passes, failures, errors and skips. */
export function outcomeOf({ verdict, unexpected, knownDeviation }: CaseResult): Outcome {
  if (verdict === 'error') return 'error';
  if (unexpected) return 'failure';
  if (verdict === 'unsupported' || verdict === 'inconclusive') return 'skipped';
  if (verdict === 'fail') return knownDeviation === undefined ? 'failure' : 'skipped';
  return 'passed';
}

function suite(name: string, number: number, results: CaseResult[], run: RunResults): string {
  const count = (outcome: Outcome): number =>
    results.filter((result) => outcomeOf(result) === outcome).length;
  const attributes = {
    name,
    package: 'tcpspec',
    id: String(number),
    hostname: 'localhost',
    timestamp: run.startedAt.slice(0, 19),
    tests: String(results.length),
    failures: String(count('failure')),
    errors: String(count('error')),
    skipped: String(count('skipped')),
    time: seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  };
  const properties = Object.entries(run.environment).map(
    ([key, value]) => `      <property${attributeText({ name: key, value })}/>\n`,
  );
  return `  <testsuite${attributeText(attributes)}>\n    <properties>\n${properties.join('')}    </properties>\n${results.map(testcase).join('')}    <system-out></system-out>\n    <system-err></system-err>\n  </testsuite>\n`;
}

function testcase(result: CaseResult): string {
  const folder = result.file
    .replace(/[^/]*$/, '')
    .replace(/\/$/, '')
    .replace(/\//g, '.');
  const attributes = {
    name: printable(`${result.id}: ${result.title}`),
    classname: printable([result.iut, folder].filter((part) => part !== '').join('.')),
    time: seconds(result.durationMs),
  };
  const inner = body(result);
  return inner === ''
    ? `    <testcase${attributeText(attributes)}/>\n`
    : `    <testcase${attributeText(attributes)}>\n      ${inner}\n    </testcase>\n`;
}

function body(result: CaseResult): string {
  const outcome = outcomeOf(result);
  if (outcome === 'passed') return '';
  const message = messageOf(result);
  if (outcome === 'skipped') return `<skipped${attributeText({ message })}/>`;
  const type = result.failure?.kind ?? result.verdict;
  return `<${outcome}${attributeText({ message, type })}>${xmlContent(printable(textOf(result)))}</${outcome}>`;
}

function messageOf(result: CaseResult): string {
  const known = result.knownDeviation;
  if (result.verdict === 'pass' && known) return `a known deviation deviates no longer: ${known.reason}`;
  if (known) return `known deviation: ${known.reason}`;
  const reason = result.failure?.requirement ?? result.reason ?? result.purpose;
  return printable(
    result.stage === undefined
      ? `${result.verdict}: ${reason}`
      : `${result.verdict} at ${result.stage}: ${reason}`,
  );
}

function textOf(result: CaseResult): string {
  const text =
    result.failure?.text ??
    `${result.file}:${result.line}: ${result.reason ?? result.purpose}\n  again: ${result.rerun}\n`;
  const output = result.output ?? '';
  return output === '' ? text : `${text.trimEnd()}\n\noutput of ${result.iut}:\n${output}`;
}

function attributeText(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlText(value)}"`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
