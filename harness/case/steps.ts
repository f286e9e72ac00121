import { describe } from './describe.js';
import { ExpectReader } from './expect-items.js';
import type { Tails } from './expect-items.js';
import { readIcmp } from './icmp.js';
import { readIutAction } from './iut-action.js';
import { STEP_HEADS } from './keys.js';
import type { Role, SendSpec, Step } from './model.js';
import { overrideNamed } from './overrides.js';
import type { Overrides } from './overrides.js';
import { readPattern } from './pattern.js';
import { oneOf } from './read.js';
import type { Reading } from './reading.js';
import { readTime, readTimes } from './times.js';
import { entryOf } from './yaml-node.js';
import type { MappingEntry, MappingNode, YamlNode } from './yaml-node.js';

const SEND_STRUCTURE = ['send', 'let', 'times', 'within', 'after', 'taken'];

/** Reads the steps of a scripted case whose implementation plays `iut`. */
export class StepReader {
  readonly #expect: ExpectReader;
  readonly #tester: Role;

  constructor(
    private readonly reading: Reading,
    iut: Role,
  ) {
    this.#expect = new ExpectReader(reading, iut);
    this.#tester = iut === 'server' ? 'client' : 'server';
  }

  steps(node: YamlNode): Step[] {
    const items = this.reading.read.items(node, 'a list of steps') ?? [];
    return items.flatMap((item) => this.#step(item));
  }

  #step(node: YamlNode): Step[] {
    const mapping = this.reading.read.mapping(node, `a mapping with ${oneOf(STEP_HEADS)}`);
    if (mapping === undefined) return [];
    const [head, second] = mapping.entries.filter(({ key }) => STEP_HEADS.some((name) => name === key.text));
    if (head === undefined) {
      const [first] = mapping.entries;
      if (first !== undefined) this.reading.read.unknownKey(first.key, STEP_HEADS);
      else this.reading.read.wrong(mapping, `a mapping with ${oneOf(STEP_HEADS)}`);
      return [];
    }
    if (second !== undefined) {
      this.reading.problems.at(second.key, {
        found: `${describe(second.key)} beside ${describe(head.key)}`,
        expected: 'one step in each item',
        remedy: 'begin a new item with "-"',
      });
      return [];
    }
    return this.#stepOf(mapping, head);
  }

  #stepOf(mapping: MappingNode, head: MappingEntry): Step[] {
    const { read, problems } = this.reading;
    const place = problems.placeOf(head.key);
    switch (head.key.text as (typeof STEP_HEADS)[number]) {
      case 'send':
        return this.#send(mapping, head);
      case 'expect':
      case 'any-order': {
        const item = this.#expect.item(mapping);
        return item === undefined ? [] : [{ kind: 'expect', item, place: item.place }];
      }
      case 'one-of':
        return this.#choice(mapping);
      case 'quiet': {
        read.onlyKeys(mapping, ['quiet']);
        const ms = read.duration(head.value);
        return ms === undefined ? [] : [{ kind: 'quiet', ms, place }];
      }
      case 'wait': {
        read.onlyKeys(mapping, ['wait']);
        const ms = readTime(this.reading, head.value);
        return ms === undefined ? [] : [{ kind: 'wait', ms, place }];
      }
      case 'iut': {
        read.onlyKeys(mapping, ['iut', 'returns', 'within', 'after']);
        const within = read.duration(entryOf(mapping, 'within'));
        const action = readIutAction(this.reading, head.value, entryOf(mapping, 'returns'), within);
        const step: Step[] = action === undefined ? [] : [{ kind: 'iut', action, place }];
        return [...this.#waitFirst(mapping), ...step];
      }
      case 'icmp': {
        read.onlyKeys(mapping, ['icmp', 'after']);
        const message = readIcmp(this.reading, head.value);
        const step: Step[] = message === undefined ? [] : [{ kind: 'icmp', message, place }];
        return [...this.#waitFirst(mapping), ...step];
      }
      case 'note': {
        read.onlyKeys(mapping, ['note']);
        const text = read.text(head.value);
        return text === undefined ? [] : [{ kind: 'note', text, place }];
      }
    }
  }

  /** The choice, then what its alternatives do once it is decided, each step for its own alternative. */
  #choice(mapping: MappingNode): Step[] {
    const tails: Tails = new Map();
    const choice = this.#expect.item(mapping, tails);
    if (choice === undefined) return [];
    const steps: Step[] = [{ kind: 'expect', item: choice, place: choice.place }];
    for (const [{ label }, nodes] of tails) {
      const tail = nodes.flatMap((node) => this.#step(node));
      // A step of a choice within keeps to that one: it is never decided where this one is not.
      steps.push(...tail.map((step) => ({ when: { choice, label }, ...step })));
    }
    return steps;
  }

  /** `after:` before something other than a segment is a wait. */
  #waitFirst(mapping: MappingNode): Step[] {
    const node = entryOf(mapping, 'after');
    const ms = readTime(this.reading, node);
    if (ms === undefined || node === undefined) return [];
    return [{ kind: 'wait', ms, place: this.reading.problems.placeOf(node) }];
  }

  #send(mapping: MappingNode, head: MappingEntry): Step[] {
    const { read, problems } = this.reading;
    const overrides: Overrides = {};
    const beside = mapping.entries.filter(({ key }) => !SEND_STRUCTURE.includes(key.text));
    const pattern = readPattern(this.reading, {
      from: this.#tester,
      body: head.value,
      beside,
      bind: entryOf(mapping, 'let'),
      overrides,
    });
    this.#checkFamilies(overrides, mapping, head);
    if (pattern.flags === undefined && !problems.has(head.value)) {
      problems.at(head.value, {
        found: 'a segment without flags',
        expected: '[FLAGS] in the line',
        remedy: 'write [<None>] for a segment that has none set',
      });
    }
    const place = pattern.place;
    const send: SendSpec = { pattern, overrides, times: 1, place };
    const taken = read.truth(entryOf(mapping, 'taken'));
    if (taken !== undefined) send.taken = taken;
    const timesNode = entryOf(mapping, 'times');
    const times = timesNode === undefined ? undefined : readTimes(this.reading, timesNode);
    if (times !== undefined && timesNode !== undefined) {
      if (times.min === times.max && times.min >= 1) send.times = times.min;
      else read.wrong(timesNode, 'how often to send it: one number, at least 1');
    }
    return [{ kind: 'send', send, timing: this.#expect.timing(mapping), place }];
  }

  /** A field of one family leaves the other family's twin of the case without its point. */
  #checkFamilies(overrides: Overrides, mapping: MappingNode, head: MappingEntry): void {
    for (const key of Object.keys(overrides)) {
      const spec = overrideNamed(key);
      const lacking = this.reading.families.some(
        (family) => spec?.family !== undefined && family !== spec.family,
      );
      if (spec?.family === undefined || !lacking) continue;
      if (spec.twin !== undefined && overrides[spec.twin] !== undefined) continue;
      const node =
        mapping.entries.find((entry) => overrideNamed(entry.key.text)?.key === key)?.key ?? head.value;
      const twin = spec.twin === undefined ? '' : `, or give \`${spec.twin}\` too`;
      this.reading.problems.at(node, {
        found: `\`${key}\` in a case that runs over ${spec.family === 'ipv4' ? 'IPv6' : 'IPv4'} too`,
        expected: 'a field of both families',
        remedy: `say \`families: [${spec.family}]\` in the case${twin}`,
      });
    }
  }
}
