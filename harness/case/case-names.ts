import { quoted } from './cursor.js';
import { didYouMean } from './did-you-mean.js';
import { checkImplementation } from './ends.js';
import type { TestCase } from './model.js';
import type { Reading } from './reading.js';
import type { YamlNode } from './yaml-node.js';

/* Lists of names that stand for something outside the case; checked where the caller knows what there is. */

export function readCovers(reading: Reading, list: YamlNode | undefined): string[] {
  const known = reading.context.requirements;
  return reading.read.texts(list, 'requirement IDs').map(({ text, node }) => {
    if (known !== undefined && !known.has(text)) noteUnknown(reading, node, 'requirement', text, known);
    return text;
  });
}

export function readOn(reading: Reading, list: YamlNode | undefined): string[] {
  return reading.read.texts(list, 'implementation names').map(({ text, node }) => {
    checkImplementation(reading, node, text);
    return text;
  });
}

export function readFindings(reading: Reading, list: YamlNode | undefined): TestCase['findings'] {
  const known = reading.context.findings;
  return reading.read.texts(list, 'finding IDs').map(({ text, node }) => {
    const absent = text.startsWith('!');
    const id = absent ? text.slice(1).trim() : text;
    if (known !== undefined && !known.has(id)) noteUnknown(reading, node, 'finding', id, known);
    const place = reading.problems.placeOf(node);
    return absent ? { id, absent: true, place } : { id, place };
  });
}

function noteUnknown(
  reading: Reading,
  node: YamlNode,
  what: string,
  text: string,
  known: ReadonlySet<string>,
): void {
  const close = didYouMean(text, known);
  reading.problems.at(node, {
    found: `unknown ${what} ${quoted(text)}`,
    expected: known.size <= 30 ? `one of ${[...known].join(', ')}` : `an ID of the ${known.size} there are`,
    remedy: close === undefined ? undefined : `did you mean \`${close}\`?`,
  });
}
