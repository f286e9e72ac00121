import type { End } from '../end.js';
import type { Draft, View } from '../view.js';
import type { Turn } from '../waits.js';
import { timeReport } from '../time.js';
import { capital, count, duration, list } from '../words.js';

/** An application that makes the other side wait this long is worth a warning, ms. */
const SLOW = 1000;

const NOTICEABLE = 200;

/** Which of the three the time went to: the server's application, the client's, or the network. */
export function slow(view: View): Draft[] {
  if (view.oneDirection !== undefined) return [];
  return [application(view, view.server), application(view, view.client), network(view)].filter(
    (draft) => draft !== undefined,
  );
}

function application(view: View, end: End): Draft | undefined {
  const { waits } = view.c;
  const who = view.role(end);
  const turns = waits.turns.items.filter((turn) => turn.by === end);
  const pauses = waits.pauses.items.filter((pause) => pause.by === end);
  const reading = end.readingSeconds * 1000;
  const roundTrip = (view.c.handshake.total ?? 0) * 1000;
  const waited = [...turns.map((turn) => turn.applicationMs), ...pauses.map((pause) => pause.ms), reading];
  const longest = Math.max(0, ...waited);
  if (longest < NOTICEABLE || longest < 3 * roundTrip) return undefined;
  const total = (end.applicationSeconds + end.readingSeconds) * 1000;
  const [worst] = [...turns].sort((a, b) => b.applicationMs - a.applicationMs);
  // A client may think between its requests as long as it likes; a server that is asked is waited for.
  const waitedFor = who === 'server' ? turns.some((turn) => turn.applicationMs >= SLOW) : false;
  const stalled = reading >= SLOW;
  return {
    id: who === 'server' ? 'slow-application' : 'slow-client',
    severity: waitedFor || stalled ? 'warning' : 'note',
    end: who,
    frames: [
      ...turns.flatMap((turn) => [
        turn.request,
        ...(turn.acked === undefined ? [] : [turn.acked]),
        turn.answer,
      ]),
      ...pauses.flatMap((pause) => [pause.before, pause.after]),
      ...end.incidents.zeroWindows.items.flatMap((period) => [period.frame, period.endFrame ?? period.frame]),
    ],
    title: `${who === 'server' ? "Slow application: the server's program" : "Slow client: the client's program"} makes the other side wait ${duration(longest)}${total > 1.2 * longest ? ` at most, ${duration(total)} in all` : ''}`,
    explanation:
      `${worst === undefined ? '' : turnWords(view, worst)}${pauseWords(pauses.length, who, pauses[0])}` +
      `${reading >= NOTICEABLE ? `${capital(`the ${who}`)} did not read for ${duration(reading)} (its window was closed). ` : ''}${judgement(view)}`,
    remedy:
      who === 'server'
        ? `Look at the server's application and what it waits for (database, disk, another service, a lock); the network is not to blame.`
        : `Look at the client's program, unless it waits for a person; neither network nor server is to blame.`,
    facts: { longestMs: Math.round(longest), totalMs: Math.round(total) },
  };
}

function turnWords(view: View, turn: Turn): string {
  const acked =
    turn.acked === undefined
      ? `its acknowledgment came only with the answer`
      : `acknowledged by its host after ${duration(turn.ackedAfterMs ?? 0)} (frame ${turn.acked})`;
  return (
    `The data of frame ${turn.request} reached the ${view.role(turn.by)} and were ${acked.startsWith('its') ? 'delivered (' + acked + ')' : acked}, ` +
    `but the answer in frame ${turn.answer} came ${duration(turn.waitMs)} after the request, ${duration(turn.applicationMs)} more than the path needs. `
  );
}

function pauseWords(
  total: number,
  who: string,
  first: { before: number; after: number; ms: number; kind: string } | undefined,
): string {
  if (first === undefined) return '';
  const what = first.kind === 'first-data' ? 'before its first data' : 'in the middle of sending';
  return `The ${who} paused ${duration(first.ms)} ${what} (frames ${first.before} to ${first.after})${total > 1 ? `, and ${count(total - 1, 'time')} more` : ''}. `;
}

function judgement(view: View): string {
  const time = timeReport(view.c);
  const shares = list([
    `server ${duration(time.serverMs)}`,
    `client ${duration(time.clientMs)}`,
    `network ${duration(time.networkMs)}`,
  ]);
  if (time.judgement === 'none') return `Waiting in all: ${shares}.`;
  const names = {
    server: "the server's application",
    client: "the client's application",
    network: 'the network',
  };
  return `Waiting in all: ${shares}. It is ${names[time.judgement]} that makes this conversation slow.`;
}

/** A round trip this long is felt in every exchange, ms. */
const LONG_ROUND_TRIP = 150;

function network(view: View): Draft | undefined {
  const { waits, handshake } = view.c;
  const roundTrip = (handshake.total ?? 0) * 1000;
  const repeats = waits.timeoutSeconds * 1000;
  const time = timeReport(view.c);
  if (handshake.ack === undefined || handshake.synAcksAfterAck.count > 0) return undefined;
  if (view.c.ends.some((end) => end.isStuck(1))) return undefined;
  const slowPath = roundTrip >= LONG_ROUND_TRIP;
  if (!slowPath && !(time.judgement === 'network' && repeats >= NOTICEABLE)) return undefined;
  const { toServer, toClient } = handshake;
  const split =
    toServer === undefined || toClient === undefined
      ? ''
      : ` (${duration(toServer * 1000)} between the capture point and the server, ${duration(toClient * 1000)} to the client)`;
  return {
    id: 'slow-network',
    severity: repeats >= SLOW || roundTrip >= SLOW ? 'warning' : 'note',
    frames: [
      ...handshake.syns.items.slice(0, 1).map((syn) => syn.frame),
      ...handshake.synAcks.items.slice(0, 1).map((synAck) => synAck.frame),
      ...(handshake.ack === undefined ? [] : [handshake.ack.frame]),
    ],
    title: slowPath
      ? `Slow network: a round trip takes ${duration(roundTrip)}`
      : `Slow network: ${duration(repeats)} spent waiting for retransmissions`,
    explanation:
      `${handshake.total === undefined ? '' : `The handshake shows a round trip of ${duration(roundTrip)}${split}. `}` +
      `${waits.turnCount > 0 ? `Each of the ${count(waits.turnCount, 'change')} of direction costs one. ` : ''}` +
      `${repeats >= NOTICEABLE ? `Retransmissions cost another ${duration(repeats)}. ` : ''}${judgement(view)}`,
    remedy: slowPath
      ? `A program cannot shorten the path: fewer exchanges (pipelining, larger requests) or a server nearby help; if the path is short, look for a full queue (bufferbloat).`
      : `Look for where the packets are lost.`,
    facts: { roundTripMs: Math.round(roundTrip * 1000) / 1000, retransmissionMs: Math.round(repeats) },
  };
}
