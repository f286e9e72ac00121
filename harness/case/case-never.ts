import type { NeverRule, Role } from './model.js';
import { readPattern } from './pattern.js';
import type { Reading } from './reading.js';
import { entryOf } from './yaml-node.js';
import type { MappingNode, YamlNode } from './yaml-node.js';

/** The `never:` of a case: display filters and patterns. `iut` is the key of a scripted case. */
export function readNever(reading: Reading, document: MappingNode): NeverRule[] {
  const node = entryOf(document, 'never');
  if (node === undefined) return [];
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap((item) => neverRule(reading, item, entryOf(document, 'iut')) ?? []);
}

function neverRule(reading: Reading, node: YamlNode, iut: YamlNode | undefined): NeverRule | undefined {
  const { read, problems } = reading;
  const place = problems.placeOf(node);
  if (node.kind === 'scalar') {
    const filter = node.value === null ? '' : node.text.trim();
    // A display filter is handed to tshark as one argument; nothing but printable text belongs there.
    const isSound = filter !== '' && filter.length <= 2000 && !/\p{Cc}/u.test(filter);
    return isSound
      ? { kind: 'filter', filter, place }
      : read.wrong(node, "a display filter of Wireshark's, or a pattern");
  }
  const mapping = read.mapping(node, 'a display filter, or `client:` or `server:` with a pattern');
  if (mapping === undefined) return undefined;
  const heads = iut === undefined ? ['client', 'server'] : ['client', 'server', 'iut'];
  const [head, second] = mapping.entries.filter(({ key }) => heads.includes(key.text));
  if (head === undefined || second !== undefined) {
    return read.wrong(second?.key ?? mapping, `one of ${heads.join(', ')}`);
  }
  const beside = mapping.entries.filter((entry) => entry !== head);
  const isIut = head.key.text === 'iut' && iut?.kind === 'scalar';
  const from = (isIut ? (iut.text === 'client' ? 'client' : 'server') : head.key.text) as Role;
  return { kind: 'pattern', pattern: readPattern(reading, { from, body: head.value, beside }), place };
}
