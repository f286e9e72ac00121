import type { ExpectItem, Step } from '../case/model.js';

/** A step with the number that failures tell: 1, 2, ... in the case; ..., -2, -1 on the way to its start state. */
export interface NumberedStep {
  step: Step;
  number: number;
  recipe: boolean;
}

/** The script cut where the tester has something to do: what is expected in between is one sequence. */
export type Section =
  | { kind: 'run'; items: { item: ExpectItem; step: number }[]; first: NumberedStep }
  | { kind: 'act'; numbered: NumberedStep };

/** The steps of the recipe, then those of the case. */
export function numberedSteps(recipe: readonly Step[], steps: readonly Step[]): NumberedStep[] {
  return [
    ...recipe.map((step, index) => ({ step, number: index - recipe.length, recipe: true })),
    ...steps.map((step, index) => ({ step, number: index + 1, recipe: false })),
  ];
}

export function sectionsOf(steps: readonly NumberedStep[]): Section[] {
  const sections: Section[] = [];
  for (const numbered of steps) {
    const item = itemOf(numbered.step);
    const last = sections.at(-1);
    if (numbered.step.kind === 'note') continue;
    if (item === undefined) sections.push({ kind: 'act', numbered });
    else if (last?.kind === 'run' && last.first.recipe === numbered.recipe) {
      last.items.push({ item, step: numbered.number });
    } else sections.push({ kind: 'run', items: [{ item, step: numbered.number }], first: numbered });
  }
  return sections;
}

function itemOf(step: Step): ExpectItem | undefined {
  if (step.kind === 'expect') return step.item;
  return step.kind === 'quiet' ? { kind: 'quiet', ms: step.ms, place: step.place } : undefined;
}
