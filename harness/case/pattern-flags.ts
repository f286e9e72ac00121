import { FLAGS_HELP, parseFlags } from './flags.js';
import type { FlagPattern } from './flags.js';
import { GrammarProblem } from './grammar-problem.js';
import type { Reading } from './reading.js';
import type { ScalarNode, YamlNode } from './yaml-node.js';

/** Reads `flags: [SYN, ACK]`, `"SYN, ACK"`, `"[S.]"` or all twelve bits as a number. Undefined with a problem noted. */
export function readFlags(reading: Reading, node: YamlNode): FlagPattern | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'number') {
    const bits = reading.read.number(node, 0, 0xfff);
    return bits === undefined ? undefined : { set: bits, ignore: 0 };
  }
  const parts = node.kind === 'sequence' ? node.items : [node];
  const isText = (part: YamlNode): part is ScalarNode => part.kind === 'scalar' && part.value !== null;
  if (!parts.every(isText)) return reading.read.wrong(node, `a list of flags: ${FLAGS_HELP}`);
  // A wrong flag in a list is at fault itself, not the list.
  const before = reading.problems.count;
  for (const part of parts) noteProblem(reading, part);
  if (reading.problems.count > before) return undefined;
  try {
    return parseFlags(parts.map((part) => inner(part).text).join(', '));
  } catch (error) {
    if (!(error instanceof GrammarProblem)) throw error;
    reading.problems.at(node, error);
    return undefined;
  }
}

/** As it would stand in a line. */
export function flagsText(node: YamlNode): string {
  const parts = node.kind === 'sequence' ? node.items : [node];
  return `[${parts.map((part) => (part.kind === 'scalar' ? inner(part).text : '?')).join(', ')}]`;
}

function noteProblem(reading: Reading, node: ScalarNode): void {
  const { text, skipped } = inner(node);
  try {
    parseFlags(text, skipped);
  } catch (error) {
    if (!(error instanceof GrammarProblem)) throw error;
    reading.problems.inside(node, error);
  }
}

/** Brackets around the flags are as good as none. */
function inner({ text }: ScalarNode): { text: string; skipped: number } {
  const hasBrackets = text.startsWith('[') && text.endsWith(']');
  return hasBrackets ? { text: text.slice(1, -1), skipped: 1 } : { text, skipped: 0 };
}
