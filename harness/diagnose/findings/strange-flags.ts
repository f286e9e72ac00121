import { flagNames } from '../../dissect/packet.js';
import type { Draft, View } from '../view.js';
import { capital, framesText, list } from '../words.js';

/** Flag combinations that no TCP sends: probes of scanners, or broken stacks. */
export function strangeFlags(view: View): Draft | undefined {
  const { strangeFlags: strange } = view.c;
  const [first] = strange.items;
  if (first === undefined) return undefined;
  view.claim(view.openResets.filter((reset) => reset.trigger?.kind === 'strange-flags'));
  const names = [...new Set(strange.items.map((item) => flagNames(item.flags)))];
  const kind = scanName(first.flags & 0x3f);
  return {
    id: 'strange-flags',
    severity: 'warning',
    frames: strange.items.map((item) => item.frame),
    title: `Packets with flags that no TCP sends: ${list(names)}`,
    explanation:
      `${capital(
        framesText(
          strange.items.map((item) => item.frame),
          strange.count,
        ),
      )}: ${kind === undefined ? 'no state of RFC 9293 produces them' : `as ${kind} sends them, to find out from the answer whether the port is open`}. ` +
      `A host answers with a reset when the port is closed, and not at all when it is open.`,
    remedy: `Find out who probes; a firewall that keeps state drops such packets.`,
    facts: { packets: strange.count },
  };
}

function scanName(flags: number): string | undefined {
  if (flags === 0) return 'a NULL scan';
  if (flags === 0x29) return 'an Xmas scan';
  if (flags === 0x01) return 'a FIN scan';
  return undefined;
}
