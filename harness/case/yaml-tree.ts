import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from 'js-yaml';
import type { Event, ScalarEvent } from 'js-yaml';

import { resolvePlain } from './resolve-plain.js';
import { scalarOffsets } from './scalar-offsets.js';
import { UNQUOTED_PLACEHOLDER, emptyScalar } from './yaml-node.js';
import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, YamlNode } from './yaml-node.js';

export interface YamlProblem {
  offset: number;
  length: number;
  found: string;
  expected: string;
  remedy?: string;
}

/** More than any case needs, and little enough that a few aliases cannot fill the memory. */
export const MAX_NODES = 50_000;
const MAX_DEPTH = 60;

/** The non-empty documents of a YAML text. Never throws; what could not be read is among the problems. */
export function parseYaml(text: string): { documents: YamlNode[]; problems: YamlProblem[] } {
  const problems: YamlProblem[] = [];
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    return { documents: [], problems: [syntaxProblem(error, text)] };
  }
  const builder = new TreeBuilder(text, events, problems);
  return { documents: builder.documents(), problems };
}

function syntaxProblem(error: unknown, text: string): YamlProblem {
  if (!(error instanceof YAMLException)) throw error;
  const offset = Math.min(error.mark?.position ?? 0, text.length);
  const reason = error.reason;
  const problem = { offset, length: 1, found: `not YAML: ${reason}`, expected: 'valid YAML 1.2' };
  // js-yaml says what its parser missed; these are the mistakes behind it that people make.
  const upToHere = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1);
  if (/^\s*\t/.test(upToHere) || reason.includes('tab')) {
    return { ...problem, remedy: 'YAML is indented with spaces; replace the tab' };
  }
  if (/^[^"'#]*:\s.*:\s?/.test(upToHere)) {
    return { ...problem, remedy: 'put a text that contains ": " in double quotes' };
  }
  return problem;
}

class TreeBuilder {
  readonly #anchors = new Map<string, YamlNode>();
  #index = 0;
  /** Where the last thing ended: the place of a value that is not there. */
  #lastOffset = 0;

  constructor(
    private readonly text: string,
    private readonly events: readonly Event[],
    private readonly problems: YamlProblem[],
  ) {}

  documents(): YamlNode[] {
    const documents: YamlNode[] = [];
    while (this.#index < this.events.length) {
      this.#index++;
      this.#anchors.clear();
      const node = this.#peek()?.type === EVENT_ID.POP ? undefined : this.#node();
      this.#index++;
      if (node !== undefined && !(node.kind === 'scalar' && node.value === null)) documents.push(node);
    }
    return documents.filter((node) => this.#isBounded(node));
  }

  #peek(): Event | undefined {
    return this.events[this.#index];
  }

  #node(): YamlNode {
    const event = this.events[this.#index++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) {
      throw new Error('js-yaml ended a collection that it did not begin');
    }
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    const tag = event.tagStart < 0 ? '' : this.text.slice(event.tagStart, event.tagEnd);
    if (tag !== '' && tag !== '!!str' && tag !== '!') {
      this.#problem(event.tagStart, tag.length, `the YAML tag ${quote(tag)}`, 'a value without a tag', {
        remedy: `if the text begins with "!", put it in quotes: "${tag}"`,
      });
    }
    const node =
      event.type === EVENT_ID.SCALAR
        ? this.#scalar(event, tag === '!!str' || tag === '!')
        : event.type === EVENT_ID.SEQUENCE
          ? this.#sequence(event.start)
          : this.#mapping(event.start);
    if (event.anchorStart >= 0) this.#anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), node);
    return node;
  }

  #alias(anchorStart: number, anchorEnd: number): YamlNode {
    this.#lastOffset = anchorEnd;
    const name = this.text.slice(anchorStart, anchorEnd);
    const node = this.#anchors.get(name);
    if (node !== undefined) return node;
    this.#problem(anchorStart - 1, name.length + 1, `the alias *${name} before its anchor is complete`, '', {
      remedy: `write &${name} before the first use, and not inside itself`,
    });
    return emptyScalar(anchorStart - 1);
  }

  #scalar(event: ScalarEvent, asText: boolean): ScalarNode {
    if (event.valueStart < 0) return emptyScalar(this.#lastOffset);
    const quoted =
      event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
    this.#lastOffset = event.valueEnd + quoted;
    const text = getScalarValue(this.text, event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    return {
      kind: 'scalar',
      value: plain && !asText ? resolvePlain(text) : text,
      text,
      plain,
      start: event.valueStart - quoted,
      end: event.valueEnd + quoted,
      size: 1,
      depth: 1,
      offsetOf: scalarOffsets(this.text, event, text),
    };
  }

  #sequence(start: number): SequenceNode {
    const items: YamlNode[] = [];
    this.#lastOffset = start;
    while (this.#peek()?.type !== EVENT_ID.POP) items.push(this.#node());
    this.#index++;
    return { kind: 'sequence', items, start, end: this.#lastOffset, ...extent(items) };
  }

  #mapping(start: number): MappingNode {
    const entries: MappingEntry[] = [];
    const seen = new Set<string>();
    this.#lastOffset = start;
    while (this.#peek()?.type !== EVENT_ID.POP) {
      const key = this.#node();
      const value = this.#node();
      if (key.kind !== 'scalar') {
        // `{{name}}` without quotes is a mapping whose key is a mapping; fill-row.ts reads it as a placeholder.
        if (key.kind === 'mapping' && isUnquotedPlaceholder(key, value)) {
          const text = `{{${key.entries[0]?.key.text ?? ''}}}`;
          entries.push({ key: { ...emptyScalar(start), text, value: UNQUOTED_PLACEHOLDER }, value });
          continue;
        }
        this.#problem(key.start, 1, `a ${key.kind} as a key`, 'a word as a key');
        continue;
      }
      if (seen.has(key.text)) {
        this.#problem(key.start, key.end - key.start, `the key ${quote(key.text)} a second time`, '', {
          remedy: 'a mapping holds each key once; use a list where the order or a repetition matters',
        });
        continue;
      }
      seen.add(key.text);
      entries.push({ key, value: isMissing(value) ? missingBehind(key) : value });
    }
    this.#index++;
    const children = entries.flatMap(({ key, value }) => [key, value]);
    return { kind: 'mapping', entries, start, end: this.#lastOffset, ...extent(children) };
  }

  /** Aliases of aliases grow without bound while the file stays small; depth adds up through them too. */
  #isBounded(node: YamlNode): boolean {
    if (node.size <= MAX_NODES && node.depth <= MAX_DEPTH) return true;
    const found =
      node.size > MAX_NODES
        ? `more than ${MAX_NODES} values, aliases counted`
        : `more than ${MAX_DEPTH} levels, aliases counted`;
    this.#problem(node.start, 1, found, 'a document of a reasonable size');
    return false;
  }

  #problem(offset: number, length: number, found: string, expected: string, more: { remedy?: string } = {}) {
    this.problems.push({ offset, length: Math.max(1, length), found, expected, ...more });
  }
}

function isUnquotedPlaceholder(key: MappingNode, value: YamlNode): boolean {
  const [inner, ...more] = key.entries;
  if (inner === undefined || more.length > 0 || !isNull(value)) return false;
  return isNull(inner.value) && /^[\w-]+$/.test(inner.key.text);
}

function isMissing(node: YamlNode): boolean {
  return isNull(node) && node.start === node.end;
}

function missingBehind(key: ScalarNode): ScalarNode {
  return { ...emptyScalar(key.start), end: key.end, behind: key.text };
}

function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function extent(children: readonly YamlNode[]): { size: number; depth: number } {
  let size = 1;
  let depth = 0;
  for (const child of children) {
    size += child.size;
    depth = Math.max(depth, child.depth);
  }
  return { size, depth: depth + 1 };
}

function quote(text: string): string {
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
