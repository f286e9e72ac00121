import { buildCase } from './build-case.js';
import type { CaseError } from './case-error.js';
import type { TestCase } from './model.js';
import { describe } from './describe.js';
import { Problems } from './problems.js';
import type { LoadContext } from './reading.js';
import { noteSchemaProblems } from './schema-problems.js';
import { SourceText } from './source-text.js';
import { expandTable } from './table.js';
import { unboundVariables } from './variables.js';
import { parseYaml } from './yaml-tree.js';
import type { YamlNode } from './yaml-node.js';

export type { LoadContext } from './reading.js';

export interface LoadedCases {
  /** Cases of documents without a problem, in file order, table rows in theirs. */
  cases: TestCase[];
  errors: CaseError[];
}

/** Octets of one file; a case of reasonable size has thousands. */
const MAX_TEXT = 4 * 1024 * 1024;

/**
 * Reads the cases in a YAML text, one a document, one a row where there is a table. Pure. Never throws for anything in
 * the text: each problem is an error with its place. `path` is what errors call the file.
 */
export function loadCases(path: string, text: string, context: LoadContext = {}): LoadedCases {
  const source = new SourceText(path, text.replace(/^\ufeff/, ''));
  const problems = new Problems(source);
  if (source.text.length > MAX_TEXT) {
    problems.atOffset(0, 1, {
      found: `a file of ${source.text.length} characters`,
      expected: `at most ${MAX_TEXT}`,
    });
    return { cases: [], errors: problems.all };
  }
  const { documents, problems: syntax } = parseYaml(source.text);
  for (const { offset, length, ...wrong } of syntax) problems.atOffset(offset, length, wrong);
  if (documents.length === 0 && problems.count === 0) {
    problems.atOffset(0, 1, {
      found: 'a file without a case',
      expected: 'a YAML document with `id`, `title`, ...',
    });
  }
  const cases = documents.flatMap((document) => casesOf(source, problems, context, document));
  const unique = withoutDoubles(problems, cases);
  return { cases: unique, errors: problems.all };
}

function casesOf(
  source: SourceText,
  problems: Problems,
  context: LoadContext,
  document: YamlNode,
): TestCase[] {
  if (document.kind !== 'mapping') {
    problems.at(document, {
      found: describe(document),
      expected: 'a case: a mapping with `id`, `title`, ...',
    });
    return [];
  }
  const before = problems.count;
  const cases: TestCase[] = [];
  for (const expanded of expandTable(problems, document)) {
    problems.row = expanded.row?.name;
    // The builder knows the grammar inside the strings and finds the exact place; the schema then finds what is left.
    const testCase = buildCase(source, problems, context, expanded);
    noteSchemaProblems(problems, expanded.document);
    if (testCase === undefined) continue;
    for (const { name, place, remedy } of unboundVariables(testCase)) {
      const found = `\`$${name}\`, which nothing binds`;
      problems.atPlace(place, name.length + 1, {
        found,
        expected: 'a variable that a packet before it binds',
        remedy,
      });
    }
    cases.push(testCase);
  }
  problems.row = undefined;
  return problems.count === before ? cases : [];
}

function withoutDoubles(problems: Problems, cases: readonly TestCase[]): TestCase[] {
  const seen = new Map<string, TestCase>();
  return cases.filter((testCase) => {
    const first = seen.get(testCase.id);
    if (first === undefined) seen.set(testCase.id, testCase);
    else problems.atPlace(testCase.place, testCase.id.length, doubleId(testCase, first));
    return first === undefined;
  });
}

/** What is wrong with a second case of the same id. */
export function doubleId(testCase: TestCase, first: TestCase): { found: string; expected: string } {
  const { file, line } = first.place;
  return {
    found: `a second case \`${testCase.id}\``,
    expected: `an id of its own; the first is at ${file}:${line}`,
  };
}
