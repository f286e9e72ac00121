import type { ExpectItem, Step } from '../case/model.js';
import type { Outcome } from './ways.js';

/** A step with the number that failures tell: 1, 2, ... in the case; ..., -2, -1 on the way to its start state. */
export interface NumberedStep {
  step: Step;
  number: number;
  recipe: boolean;
}

/** The script cut where the tester has something to do: what is expected in between is one sequence. */
export type Section = (
  | { kind: 'run'; items: { item: ExpectItem; step: number }[]; first: NumberedStep }
  | { kind: 'act'; numbered: NumberedStep }
) & {
  /** Passed over unless that choice had this outcome. */
  when?: Outcome;
};

/** The steps of the recipe, then those of the case. */
export function numberedSteps(recipe: readonly Step[], steps: readonly Step[]): NumberedStep[] {
  return [
    ...recipe.map((step, index) => ({ step, number: index - recipe.length, recipe: true })),
    ...steps.map((step, index) => ({ step, number: index + 1, recipe: false })),
  ];
}

export function sectionsOf(steps: readonly NumberedStep[]): Section[] {
  const sections: Section[] = [];
  const choices = new Map<ExpectItem, number>();
  for (const numbered of steps) {
    const { step, number } = numbered;
    const item = itemOf(step);
    if (item !== undefined) choices.set(item, number);
    if (step.kind === 'note') continue;
    const last = sections.at(-1);
    if (item !== undefined && last?.kind === 'run' && belongTogether(last.first, numbered)) {
      last.items.push({ item, step: number });
      continue;
    }
    const choice = step.when === undefined ? undefined : choices.get(step.when.choice);
    const when =
      step.when === undefined || choice === undefined
        ? {}
        : { when: { step: choice, label: step.when.label } };
    if (item === undefined) sections.push({ kind: 'act', numbered, ...when });
    else sections.push({ kind: 'run', items: [{ item, step: number }], first: numbered, ...when });
  }
  return sections;
}

function belongTogether(one: NumberedStep, other: NumberedStep): boolean {
  const [a, b] = [one.step.when, other.step.when];
  return one.recipe === other.recipe && a?.choice === b?.choice && a?.label === b?.label;
}

function itemOf(step: Step): ExpectItem | undefined {
  if (step.kind === 'expect') return step.item;
  return step.kind === 'quiet' ? { kind: 'quiet', ms: step.ms, place: step.place } : undefined;
}
