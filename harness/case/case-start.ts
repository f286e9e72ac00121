import { STATES } from './keys.js';
import type { Role, ScriptedCase, StartOptions, TcpState } from './model.js';
import { plainOptions } from './plain.js';
import type { Reading } from './reading.js';
import { entryOf } from './yaml-node.js';
import type { MappingNode } from './yaml-node.js';

/** The `start:` of a scripted case: a state, or a mapping with `state` and what the tester brings along. */
export function readStart(reading: Reading, document: MappingNode, iut: Role): ScriptedCase['start'] {
  const { read, problems } = reading;
  const node = entryOf(document, 'start');
  const place = problems.placeOf(node ?? document);
  const start: ScriptedCase['start'] = {
    state: iut === 'server' ? 'LISTEN' : 'CLOSED',
    options: { options: {} },
    place,
  };
  if (node === undefined) return start;
  const stateNode = node.kind === 'mapping' ? entryOf(node, 'state') : node;
  if (stateNode === undefined) read.wrong(node, 'the key `state`');
  start.state = read.word<TcpState>(stateNode, STATES) ?? start.state;
  if (node.kind === 'mapping') start.options = startOptions(node);
  return start;
}

function startOptions(node: MappingNode): StartOptions {
  const options = plainOptions({
    ...node,
    entries: node.entries.filter(({ key }) => key.text !== 'state'),
  });
  return { ...options, options: plainOptions(entryOf(node, 'options')) };
}
