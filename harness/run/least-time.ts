import type { ExpectItem, Step, TestCase, Time } from '../case/model.js';

/** The time that a case lets pass by its own words at least, ms: its waits and silences, and what may not come before. */
export function leastTimeMs(testCase: TestCase): number {
  if (testCase.kind === 'scripted') return sum(testCase.steps.map(stepMs));
  const [client, server] = [testCase.client, testCase.server].map(({ app }) =>
    sum(app.map((action) => (action.do === 'wait' ? action.ms : 0))),
  );
  const also = testCase.client.also.map(({ atMs = 0, giveUpMs = 0 }) => atMs + giveUpMs);
  return Math.max(
    client ?? 0,
    server ?? 0,
    sum(also) + (testCase.client.giveUpMs ?? 0),
    itemsMs(testCase.expect),
  );
}

function stepMs(step: Step): number {
  // Another outcome may pass it by.
  if (step.when !== undefined) return 0;
  if (step.kind === 'quiet') return step.ms;
  if (step.kind === 'wait') return known(step.ms);
  if (step.kind === 'send') return known(step.timing.after);
  return step.kind === 'expect' ? itemMs(step.item) : 0;
}

function itemsMs(items: readonly ExpectItem[]): number {
  return sum(items.map(itemMs));
}

function itemMs(item: ExpectItem): number {
  switch (item.kind) {
    case 'packet':
      return item.times.min === 0 ? 0 : known(item.timing.after);
    case 'quiet':
      return item.ms;
    case 'any-order':
      return Math.max(known(item.timing.after), ...item.items.map(itemMs));
    case 'one-of': {
      const shortest = Math.min(...item.alternatives.map(({ items }) => itemsMs(items)));
      return Math.max(known(item.timing.after), shortest);
    }
    case 'count':
      return 0;
  }
}

/** What is worked out while the case runs is not known before. */
function known(time: Time | undefined): number {
  return typeof time === 'number' ? time : 0;
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
