import { flagNames } from '../dissect/packet.js';
import type { Conversation } from './conversation.js';
import type { Step } from './step.js';
import { capital, duration, endpoint, named, octets, role } from './words.js';

/** One sentence on one packet, in the words of an analyst. */
export function sentenceOf(conversation: Conversation, step: Step): string {
  const who = capital(`the ${role(conversation, step.from)}`);
  const { packet, seq, end, len, ack, window, refersTo: frame, amount } = step;
  const { tcp } = packet;
  const data = `octets ${seq} to ${seq + len - 1} (${octets(len)})`;
  const closing = step.fin ? ' and closes its side' : '';
  switch (step.kind) {
    case 'syn':
      return `${capital(named(conversation, step.from))} asks for a connection to ${endpoint(step.to)}: initial sequence number ${tcp.seqRaw}, window ${tcp.windowRaw}${optionWords(step)}.`;
    case 'syn-repeated':
      return `${who} asks again: the SYN of frame ${frame} was not answered.`;
    case 'syn-ack':
      return `${who} accepts: initial sequence number ${tcp.seqRaw}, window ${tcp.windowRaw}${optionWords(step)}.`;
    case 'syn-ack-repeated':
      return `${who} accepts again: the SYN,ACK of frame ${frame} was not acknowledged, as far as it knows.`;
    case 'handshake-ack':
      return `${who} acknowledges the SYN,ACK: the connection is established.`;
    case 'data':
      return `${who} sends ${data}${closing}.`;
    case 'window-full':
      return `${who} sends ${data}${closing} and has filled the peer's window: it must wait now.`;
    case 'gap':
      return len > 0
        ? `${who} sends ${data}, but the ${octets(amount ?? 0)} before them are not in the capture: lost on the way, reordered, or not captured.`
        : `The sequence number shows that ${who.toLowerCase()} sent data before this which are not in the capture.`;
    case 'fills-gap':
    case 'out-of-order':
      return `${who}'s ${data} arrive late: sent before frame ${frame}, which overtook them.`;
    case 'fast-retransmission':
      return `${who} repeats ${data} after duplicate ACKs told it of the loss (fast retransmission).`;
    case 'timeout-retransmission':
      return `${who} repeats ${data}${since(amount)}: its retransmission timer expired.`;
    case 'tail-probe':
      return `${who} repeats its last ${data}${since(amount)}, sooner than the timer would: a tail loss probe.`;
    case 'spurious-retransmission':
      return `${who} repeats ${data} although frame ${step.from.unaFrame} had acknowledged them.`;
    case 'retransmission':
      return `${who} repeats ${data}${frame === undefined ? '' : ` of frame ${frame}`}; nothing in the capture shows why.`;
    case 'ack':
      return `${who} acknowledges everything up to ${ack ?? 0} and offers ${octets(window)} of window.`;
    case 'duplicate-ack':
      return `${who} acknowledges ${ack} once more (duplicate ${amount}): something arrived, but not the octet ${ack} that it waits for${sackWords(step)}.`;
    case 'window-update':
      return `${who} changes its window to ${octets(window)}.`;
    case 'zero-window':
      return `${who} closes its window: its application does not read, nothing more may be sent to it.`;
    case 'old-ack':
      return `${who} acknowledges ${ack}, less than before: overtaken on the way, or answering something old.`;
    case 'keep-alive':
      return `${who} asks whether the peer is still there (keep-alive).`;
    case 'keep-alive-ack':
      return `${who} answers the keep-alive of frame ${frame}.`;
    case 'zero-window-probe':
      return `${who} probes the closed window.`;
    case 'zero-window-probe-ack':
      return `${who} answers the probe of frame ${frame}: the window is still closed.`;
    case 'duplicate-frame':
      return `The same packet as frame ${frame}: captured twice, or doubled by the network.`;
    case 'acks-unseen':
      return `${who} acknowledges ${ack}, which is more than the capture has seen sent.`;
    case 'fin':
      return len > 0 ? `${who} sends ${data} and closes its side.` : `${who} closes its side (FIN).`;
    case 'fin-repeated':
      return `${who} repeats the FIN of frame ${frame}, which was not acknowledged.`;
    case 'refusal':
      return `${who} refuses the connection.`;
    case 'reset':
      return `${who} resets the connection${frame === undefined ? '' : ` after frame ${frame}`}.`;
    case 'bad-checksum':
      return `The checksum 0x${tcp.checksum.toString(16).padStart(4, '0')} is wrong: damaged on the way, the receiver drops it.`;
    case 'out-of-window':
      return `The sequence number ${tcp.seqRaw} lies outside the window: not of this connection, or of an older one.`;
    case 'strange-flags':
      return `No TCP sends this combination of flags (${flagNames(tcp.flags)}): a probe or a broken stack.`;
    case 'after-reset':
      return `${who} goes on after the reset (up to ${end}).`;
  }
}

function since(ms: number | undefined): string {
  return ms === undefined || ms === 0 ? '' : ` after ${duration(ms)}`;
}

function optionWords(step: Step): string {
  const { options } = step.packet.tcp;
  const words = [
    ...(options.mss !== undefined ? [`MSS ${options.mss}`] : []),
    ...(options.windowScale !== undefined ? [`window scale ${options.windowScale}`] : []),
    ...(options.sackPermitted ? ['SACK'] : []),
    ...(options.timestamp !== undefined ? ['timestamps'] : []),
    ...(step.len > 0 ? [`${octets(step.len)} of data`] : []),
  ];
  return words.length === 0 ? ', no options' : `, ${words.join(', ')}`;
}

function sackWords(step: Step): string {
  const blocks = step.packet.tcp.options.sackBlocks ?? [];
  if (blocks.length === 0) return '';
  const edges = blocks.map((block) => `${step.to.relative(block.left)}-${step.to.relative(block.right)}`);
  return `; it has ${edges.join(', ')} (SACK)`;
}
