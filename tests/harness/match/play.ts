import type { Step } from '../../../harness/case/model.js';
import type { Packet } from '../../../harness/dissect/packet.js';
import { ScriptMatcher } from '../../../harness/match/script.js';
import type { ScriptContext, ScriptWant } from '../../../harness/match/script.js';
import type { ScriptTrace } from '../../../harness/match/judge-script.js';
import type { MatchResult } from '../../../harness/match/verdict.js';
import type { UpperResponse } from '../../../harness/upper-tester/protocol.js';
import { client, packets, scripted, server } from './build.js';
import type { PacketText } from './build.js';

export const START_TIME = 1_700_000_000_000;
export const TESTER_ISN = 7_000;
export const IUT_ISN = 0xffff_fff0;

/** What the IUT does by itself or in answer: lines of its own side, ms after what caused them. */
export type Answer = { line: string; after?: number; payload?: string };

export interface Played {
  result: MatchResult;
  /** What the tester was asked to send, as lines. */
  sent: string[];
  /** As a capture would hold it. */
  packets: Packet[];
  trace: ScriptTrace;
}

/**
 * Plays a scripted case on a virtual clock. `iut` is asked after each segment or call with its number (0 before the first),
 * and what it answers arrives as packets.
 */
export function play(
  yaml: string,
  iut: (count: number, want: ScriptWant | undefined) => Answer[],
  more: {
    recipe?: readonly Step[];
    context?: Partial<ScriptContext>;
    respond?: () => Partial<UpperResponse>;
  } = {},
): Played {
  const testCase = scripted(yaml);
  const isServer = testCase.iut === 'server';
  const isn = isServer ? { client: TESTER_ISN, server: IUT_ISN } : { client: IUT_ISN, server: TESTER_ISN };
  const matcher = new ScriptMatcher(testCase, {
    testerIsn: TESTER_ISN,
    family: 'ipv4',
    startTime: START_TIME,
    ...(more.recipe === undefined ? {} : { recipe: more.recipe }),
    ...more.context,
  });
  let now = START_TIME;
  let count = 0;
  const played: Played = {
    result: { verdict: 'pass', marks: [], outcomes: [], variables: {} },
    sent: [],
    packets: [],
    trace: { startTime: START_TIME, events: [] },
  };
  const onTheWay: { at: number; packet: Packet }[] = [];
  const build = (text: PacketText, at: number): Packet => {
    const [made] = packets([{ ...text, at: at - START_TIME }], isn);
    if (made === undefined) throw new Error('no packet');
    const packet = { ...made, frame: played.packets.length + 1 };
    return packet;
  };
  const answer = (want: ScriptWant | undefined) => {
    for (const { line, after = 1, payload } of iut(count++, want)) {
      const text = (isServer ? server : client)(line, payload === undefined ? {} : { payload });
      onTheWay.push({ at: now + after, packet: build(text, now + after) });
    }
    onTheWay.sort((a, b) => a.at - b.at);
  };
  const deliverUntil = (time: number) => {
    while (onTheWay[0] !== undefined && onTheWay[0].at <= time) deliver();
    now = Math.max(now, time);
  };
  const deliver = () => {
    const next = onTheWay.shift();
    if (next === undefined) return;
    now = next.at;
    const packet = { ...next.packet, frame: played.packets.length + 1 };
    played.packets.push(packet);
    matcher.onPacket(packet, now);
  };
  answer(undefined);
  for (let round = 0; round < 1000; round++) {
    const want = matcher.next();
    switch (want.want) {
      case 'done':
        played.result = want.result;
        return played;
      case 'packets':
        if (onTheWay[0] !== undefined && onTheWay[0].at <= want.deadline) deliver();
        else {
          now = Math.max(now, want.deadline);
          matcher.onDeadline(want.deadline);
        }
        break;
      case 'wait':
        deliverUntil(want.until);
        matcher.onDeadline(want.until);
        break;
      case 'send': {
        deliverUntil(want.notBefore);
        now += 0.01;
        const { segment } = want;
        const text = (isServer ? client : server)('[ACK] Seq=0', {
          tcp: {
            flags: segment.flags,
            seqRaw: segment.seq,
            ackRaw: segment.ack,
            len: segment.payload.length,
            payload: segment.payload,
            windowRaw: segment.window ?? 65535,
            checksumStatus: segment.overrides['tcp.checksum'] === undefined ? 'good' : 'bad',
          },
        });
        const packet = build(text, now);
        played.packets.push(packet);
        played.sent.push(
          `${segment.seq - TESTER_ISN} ${segment.ack === 0 ? '-' : (segment.ack - IUT_ISN) >>> 0} ${segment.payload.length}`,
        );
        played.trace.events.push({ kind: 'sent', time: now, packet });
        matcher.onSent(packet, now);
        answer(want);
        break;
      }
      case 'icmp':
        now += 0.01;
        played.trace.events.push({ kind: 'icmp', time: now });
        matcher.onIcmpSent(now);
        answer(want);
        break;
      case 'iut': {
        now += 0.01;
        answer(want);
        const response = { id: 1, ok: true, ...more.respond?.() };
        played.trace.events.push({ kind: 'iut', time: now, response });
        matcher.onIutResponse(response, now);
        break;
      }
    }
  }
  throw new Error('the script never ends');
}
