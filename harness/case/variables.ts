import { didYouMean } from './did-you-mean.js';
import { variablesOf } from './expression.js';
import type {
  ExpectItem,
  FieldPattern,
  PacketPattern,
  Place,
  Step,
  TestCase,
  Time,
  Timing,
  ValueSpec,
} from './model.js';

export interface UnboundVariable {
  name: string;
  place: Place;
  remedy: string;
}

/** Uses of `$x` that no `let:` before them binds. `never` and `count` see every variable of the case. */
export function unboundVariables(testCase: TestCase): UnboundVariable[] {
  const check = new VariableCheck();
  if (testCase.kind === 'observed') check.items(testCase.expect);
  else for (const step of testCase.steps) check.step(step);
  for (const rule of testCase.never) {
    if (rule.kind === 'pattern') check.late(rule.pattern);
  }
  for (const pattern of testCase.admit) check.late(pattern);
  return check.finish();
}

class VariableCheck {
  readonly #bound = new Set<string>();
  readonly #unbound: { name: string; place: Place }[] = [];
  readonly #late: PacketPattern[] = [];
  readonly #lateValues: { value: ValueSpec; place: Place }[] = [];

  items(items: readonly ExpectItem[]): void {
    for (const item of items) this.#item(item);
  }

  step(step: Step): void {
    if (step.kind === 'expect') this.#item(step.item);
    if (step.kind === 'send') {
      this.#timing(step.timing, step.place);
      this.#pattern(step.send.pattern);
    }
    if (step.kind === 'wait') this.#time(step.ms, step.place);
    if (step.kind === 'icmp') {
      const { seq } = step.message;
      if (seq !== undefined) this.#use(variablesOf(seq), step.place);
    }
  }

  late(pattern: PacketPattern): void {
    this.#late.push(pattern);
  }

  finish(): UnboundVariable[] {
    for (const pattern of this.#late) this.#pattern(pattern);
    for (const { value, place } of this.#lateValues) this.#use(variablesIn(value), place);
    return this.#unbound.map(({ name, place }) => {
      const close = didYouMean(name, this.#bound);
      const remedy =
        close === undefined
          ? `bind it with \`let: { ${name}: Seq }\` at a packet before this one`
          : `did you mean \`$${close}\`?`;
      return { name, place, remedy };
    });
  }

  #item(item: ExpectItem): void {
    switch (item.kind) {
      case 'packet':
        this.#timing(item.timing, item.place);
        return this.#pattern(item.pattern);
      case 'any-order':
        this.#timing(item.timing, item.place);
        return this.items(item.items);
      case 'one-of':
        this.#timing(item.timing, item.place);
        for (const alternative of item.alternatives) this.items(alternative.items);
        return;
      case 'count':
        this.#late.push(item.pattern);
        this.#lateValues.push({ value: item.is, place: item.place });
        return;
      case 'quiet':
        return;
    }
  }

  #pattern(pattern: PacketPattern): void {
    for (const field of pattern.fields) this.#use(variablesIn(field.value), field.place);
    for (const name of Object.keys(pattern.bind)) this.#bound.add(name);
  }

  #timing({ within, after }: Timing, place: Place): void {
    for (const time of [within, after]) this.#time(time, place);
  }

  #time(time: Time | undefined, place: Place): void {
    if (typeof time === 'object') this.#use(variablesOf(time), place);
  }

  #use(names: readonly string[], place: Place): void {
    for (const name of names) {
      if (!this.#bound.has(name)) this.#unbound.push({ name, place });
    }
  }
}

function variablesIn(value: FieldPattern['value']): string[] {
  switch (value.kind) {
    case 'equals':
    case 'compare':
      return variablesOf(value.value);
    case 'range':
      return [...variablesOf(value.from), ...variablesOf(value.to)];
    case 'either':
      return value.values.flatMap(variablesIn);
    case 'any':
    case 'present':
    case 'absent':
    case 'text':
      return [];
  }
}
