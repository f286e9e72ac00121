import type { PacketPattern, Role } from './model.js';
import { readPattern } from './pattern.js';
import type { Reading } from './reading.js';
import { entryOf } from './yaml-node.js';
import type { MappingNode, YamlNode } from './yaml-node.js';

/** The `admit:` of a case: patterns, each under the end that sends it; `iut` is the key of a scripted case. */
export function readAdmit(reading: Reading, document: MappingNode): PacketPattern[] {
  const node = entryOf(document, 'admit');
  if (node === undefined) return [];
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap((item) => admitted(reading, item, entryOf(document, 'iut')) ?? []);
}

function admitted(reading: Reading, node: YamlNode, iut: YamlNode | undefined): PacketPattern | undefined {
  const { read } = reading;
  const heads = iut === undefined ? ['client', 'server'] : ['client', 'server', 'iut'];
  const mapping = read.mapping(node, `a packet under ${heads.map((head) => `\`${head}:\``).join(' or ')}`);
  if (mapping === undefined) return undefined;
  const [head, second] = mapping.entries.filter(({ key }) => heads.includes(key.text));
  if (head === undefined || second !== undefined) {
    return read.wrong(second?.key ?? mapping, `one of ${heads.join(', ')}`);
  }
  const isIut = head.key.text === 'iut' && iut?.kind === 'scalar';
  const from: Role = (isIut ? iut.text : head.key.text) === 'client' ? 'client' : 'server';
  const beside = mapping.entries.filter((entry) => entry !== head);
  return readPattern(reading, { from, body: head.value, beside });
}
