import { readImpairment } from './impair.js';
import type { LabSpec } from './model.js';
import type { Reading } from './reading.js';
import { entryOf } from './yaml-node.js';
import type { YamlNode } from './yaml-node.js';

/** RFC 8200 section 5. */
const IPV6_MINIMUM_MTU = 1280;

/** The `lab:` of a case, with what is so when it says nothing. */
export function readLab(reading: Reading, node: YamlNode | undefined): LabSpec {
  const { read, problems } = reading;
  const lab = read.mapping(node, 'a mapping with `kernel-rst`, `mtu`, `capture`, `impair`');
  const mtuNode = entryOf(lab, 'mtu');
  const mtu = read.number(mtuNode, 68, 65535) ?? 1500;
  if (mtuNode !== undefined && mtu < IPV6_MINIMUM_MTU && reading.families.includes('ipv6')) {
    problems.at(mtuNode, {
      found: `an MTU of ${mtu} in a case that runs over IPv6 too`,
      expected: `at least ${IPV6_MINIMUM_MTU}, which every IPv6 link carries`,
      remedy: 'say `families: [ipv4]` in the case',
    });
  }
  const impair = entryOf(lab, 'impair');
  const items = impair?.kind === 'mapping' ? [impair] : (read.items(impair, 'a list of impairments') ?? []);
  const capture = read.word(entryOf(lab, 'capture'), ['client', 'server', 'both'] as const);
  return {
    kernelRst: read.word(entryOf(lab, 'kernel-rst'), ['drop', 'allow'] as const) ?? 'drop',
    mtu,
    ...(capture === undefined ? {} : { capture }),
    impair: items.flatMap((item) => readImpairment(reading, item) ?? []),
  };
}
