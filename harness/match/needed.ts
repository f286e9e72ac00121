import type { ExpectItem, NeverRule, PacketPattern, TestCase } from '../case/model.js';
import { ELAPSED } from '../case/fields.js';
import { fieldNamed } from './field-registry.js';

/** tshark fields that the dissector must be asked for so that these cases can be judged, each once, sorted. */
export function neededFields(cases: readonly TestCase[]): string[] {
  const names = new Set<string>();
  for (const testCase of cases) {
    for (const pattern of patternsOf(testCase)) {
      for (const name of [...pattern.fields.map((field) => field.name), ...Object.values(pattern.bind)]) {
        if (name === ELAPSED) continue;
        const { ask } = fieldNamed(name);
        if (ask !== undefined) names.add(ask);
      }
    }
  }
  return [...names].sort();
}

/** Display filters of the case's `never` rules, each once: the dissector tells which frames they hit. */
export function neededFilters(testCase: Pick<TestCase, 'never'>): string[] {
  return [...new Set(testCase.never.flatMap((rule) => (rule.kind === 'filter' ? [rule.filter] : [])))];
}

function patternsOf(testCase: TestCase): PacketPattern[] {
  const items =
    testCase.kind === 'observed'
      ? testCase.expect
      : testCase.steps.flatMap((step) => (step.kind === 'expect' ? [step.item] : []));
  return [...items.flatMap(patternsOfItem), ...testCase.never.flatMap(patternOfRule), ...testCase.admit];
}

function patternsOfItem(item: ExpectItem): PacketPattern[] {
  switch (item.kind) {
    case 'packet':
    case 'count':
      return [item.pattern];
    case 'any-order':
      return item.items.flatMap(patternsOfItem);
    case 'one-of':
      return item.alternatives.flatMap((alternative) => alternative.items.flatMap(patternsOfItem));
    case 'quiet':
      return [];
  }
}

function patternOfRule(rule: NeverRule): PacketPattern[] {
  return rule.kind === 'pattern' ? [rule.pattern] : [];
}
