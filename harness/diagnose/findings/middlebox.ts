import type { TcpOptions } from '../../dissect/packet.js';
import type { Draft, View } from '../view.js';
import { list } from '../words.js';

/** Options that were changed or removed between two capture points, or that contradict each other at one. */
export function middlebox(view: View): Draft[] {
  return [...betweenPoints(view), ...contradictions(view)];
}

/** The same SYN seen at two interfaces: what differs, a device between them did. */
function betweenPoints(view: View): Draft[] {
  return view.synPairs.flatMap(({ first, again }) => {
    const changes = differences(first.tcp.options, again.tcp.options);
    if (changes.length === 0) return [];
    const flags = first.tcp.flags & 0x10 ? 'SYN,ACK' : 'SYN';
    const draft: Draft = {
      id: 'options-changed-on-the-way',
      severity: 'warning',
      frames: [first.frame, again.frame],
      title: `A device between the two capture points changed the ${flags}: ${changes.map((change) => change.name).join(', ')}`,
      explanation:
        `Frame ${first.frame} (interface ${first.interfaceId}) and frame ${again.frame} (interface ${again.interfaceId}) are the same ${flags}, but ${list(changes.map((change) => change.words))}. ` +
        `A firewall, load balancer, VPN or NAT between the two interfaces rewrote the options.`,
      remedy: `MSS clamping to a smaller tunnel is usual and right. A window scale, SACK or timestamps that vanish cost speed: switch the option filter off.`,
    };
    return [draft];
  });
}

function differences(a: TcpOptions, b: TcpOptions): { name: string; words: string }[] {
  const changes: { name: string; words: string }[] = [];
  const say = (
    name: string,
    before: number | boolean | undefined,
    after: number | boolean | undefined,
  ): void => {
    if (before === after || (!before && !after && before !== 0 && after !== 0)) return;
    const shown = (value: number | boolean | undefined): string =>
      value === undefined || value === false ? 'absent' : value === true ? 'present' : String(value);
    changes.push({ name, words: `${name} is ${shown(before)} in the one and ${shown(after)} in the other` });
  };
  say('MSS', a.mss, b.mss);
  say('window scale', a.windowScale, b.windowScale);
  say('SACK permitted', a.sackPermitted ?? false, b.sackPermitted ?? false);
  say('timestamps', a.timestamp !== undefined, b.timestamp !== undefined);
  return changes;
}

/** What the ends do contradicts what the handshake captured here lets them do. */
function contradictions(view: View): Draft[] {
  const { client, server } = view;
  if (!view.sawHandshake) return [];
  const asked = client.synOptions;
  const granted = server.synOptions;
  if (asked === undefined || granted === undefined) return [];
  const found: { name: string; words: string }[] = [];
  if (granted.windowScale !== undefined && asked.windowScale === undefined) {
    found.push({
      name: 'window scale',
      words: `the SYN,ACK carries a window scale, which it may only when the SYN had one`,
    });
  }
  if (granted.sackPermitted && !asked.sackPermitted) {
    found.push({
      name: 'SACK permitted',
      words: `the SYN,ACK permits SACK, which the SYN captured here did not offer`,
    });
  }
  if (granted.timestamp !== undefined && asked.timestamp === undefined) {
    found.push({
      name: 'timestamps',
      words: `the SYN,ACK carries timestamps, which the SYN captured here did not`,
    });
  }
  for (const end of [client, server]) {
    const peer = view.peer(end);
    if (end.sackBlocksSeen > 0 && !(asked.sackPermitted && granted.sackPermitted)) {
      found.push({
        name: 'SACK permitted',
        words: `the ${view.role(peer)} sends SACK blocks although SACK was not agreed on here`,
      });
    }
    const largest = end.segmentSize(undefined) ?? 0;
    const mss = peer.synOptions?.mss;
    if (
      mss !== undefined &&
      largest > mss &&
      largest <= 1500 &&
      end.incidents.oversized.count > 2 &&
      largest % mss !== 0
    ) {
      found.push({
        name: 'MSS',
        words: `the ${view.role(end)} sends segments of ${largest} octets where the MSS captured here allows ${mss}`,
      });
    }
  }
  if (found.length === 0) return [];
  const { syns, synAcks } = view.c.handshake;
  return [
    {
      id: 'options-lost-on-the-way',
      severity: 'warning',
      frames: [
        ...syns.items.slice(0, 1).map((syn) => syn.frame),
        ...synAcks.items.slice(0, 1).map((synAck) => synAck.frame),
      ],
      title: `Options were lost on the way: ${[...new Set(found.map((one) => one.name))].join(', ')}`,
      explanation:
        `The ends act on options that this handshake does not hold: ${list(found.map((one) => one.words))}. A middlebox between the capture point and one of the ends ` +
        `removed or added them - or a stack breaks the rule that an option must be offered before it is used.`,
      remedy: `Capture at both ends and compare SYN and SYN,ACK; then look at option filters ("TCP normalization") of the firewalls between.`,
    },
  ];
}
