/**
 * Every finding there is, by its stable id, with what it says. Cases assert findings by these ids
 * (`findings: [kernel-reset]`), scripts select by them, docs/analyse-a-capture.md lists them.
 */
export const FINDINGS = {
  // The capture itself: stated before any conclusion.
  'capture-one-direction': 'only one side of the conversation was captured',
  'capture-dropped-packets':
    'octets were acknowledged that the capture does not hold: the capture missed them',
  'capture-missing-beginning': 'the capture begins in the middle of the connection or of its handshake',
  'capture-doubled-packets':
    'the capture holds packets twice: two sides of a router, a mirror port, the any interface',
  'capture-time-backwards': 'time stamps go backwards',
  'capture-cut-options':
    'a snapshot length that cut TCP options off: scaling, SACK and timestamps are unknown',
  'capture-offload': 'wrong checksums or segments larger than the MSS that the network card was to finish',
  'duplicate-packets': 'the network doubled packets',
  // Connections that are not made.
  'kernel-reset': 'the kernel of a host resets a connection that a stack in user space on that host owns',
  'connection-refused': 'the SYN was answered by a reset',
  'syn-unanswered': 'SYNs without an answer: filtered, or nobody there',
  'destination-unreachable': 'SYNs answered by an ICMP error',
  'syn-repeated': 'the SYN had to be sent again before it was answered',
  'synack-unanswered': 'the SYN,ACK never got its ACK: half open',
  'synack-repeated': 'the SYN,ACK had to be sent again before the ACK came',
  'accept-queue-full': 'the server repeats its SYN,ACK although the client acknowledged it',
  'backlog-overflow': 'a SYN without an answer on a port that serves others at the same time',
  'handshake-reset': 'the client answers the SYN,ACK with a reset: a half-open probe, or no longer wanted',
  'reset-in-handshake': 'a reset before the handshake was complete',
  'one-port-refused-other-open': 'a host accepts on one port and refuses on another',
  'one-port-filtered-other-open': 'a host accepts on one port and does not answer on another',
  'port-scan': 'several ports of a host tried without data, with what was open, closed, filtered',
  'host-sweep': 'one port tried on several hosts',
  'strange-flags': 'flags that no TCP sends: NULL, FIN and Xmas scans, broken stacks',
  // Resets of connections that were up.
  'injected-reset': 'a reset that the end whose address it bears did not send',
  'reset-application-abort': 'the application aborted, or closed with unread data',
  'reset-unexpected-data': 'data met a host that had closed, or knows the connection no more',
  'reset-keep-alive-timeout': 'the keep-alive timer ran out',
  'reset-retransmission-timeout': 'given up after repeats without an acknowledgment',
  'reset-after-idle': 'reset after a long silence: an idle timeout at the application or on the way',
  'reset-after-handshake': 'reset right after the handshake, without data',
  'reset-instead-of-fin': 'the peer closed, and the answer was a reset',
  'reset-after-fin': 'reset by the end that had closed its side',
  'reset-after-close': 'a reset after both had closed: harmless',
  'reset-out-of-window': 'a reset outside the window, which the receiver ignores',
  'reset-unknown-connection': 'a host resets a connection that it does not know: rebooted, or an ACK scan',
  'stray-reset': 'only resets of the connection were captured',
  // Losses and repeats.
  'lost-segments':
    'which octets did not arrive at the first attempt, how many segments, how they were repaired',
  'timeout-retransmission': 'repeats that the retransmission timer sent, with its back-off',
  'fast-retransmission': 'repeats that duplicate ACKs or SACK asked for',
  'spurious-retransmission': 'repeats of what had arrived, DSACK quoted where the receiver said so',
  'out-of-order': 'segments that overtook each other, and what tells them from retransmissions',
  'duplicate-acks': 'duplicate ACKs and the SACK edges they carry',
  'path-mtu': 'ICMP says that packets are too big for the path',
  'path-mtu-black-hole': 'full-size segments vanish and small ones pass, without an ICMP error',
  'bad-checksum': 'checksums that are really wrong',
  // Windows, and what changes options.
  'zero-window': 'a receiver closed its window for a time',
  'zero-window-never-opens': 'a window closed and never opened again',
  'window-full': 'the sender used up the window',
  'beyond-window': 'data beyond every offered window',
  'window-scale-lost': 'both ends scale windows, the handshake seen here says they do not',
  'options-lost-on-the-way': 'the ends use options that this handshake does not hold',
  'options-changed-on-the-way': 'a SYN differs between two capture points',
  // Time.
  'keep-alive': 'keep-alives, their interval, answered',
  'keep-alive-unanswered': 'keep-alives without an answer',
  'slow-application': "the server's application makes the other side wait",
  'slow-client': "the client's application makes the other side wait",
  'slow-network': 'round trips or retransmissions make it slow',
  'delayed-ack-nagle': "Nagle's algorithm and delayed ACKs wait for each other",
  // The end.
  'orderly-close': 'closed in three or four packets',
  'half-close': 'one side went on sending after the other had closed',
  'simultaneous-close': 'both FINs crossed',
  'missing-close': 'still open, or half open, when the capture ends',
  'close-wait': 'one side closed, the other never does',
  'fin-unanswered': 'a FIN is never acknowledged',
  'fin-repeated': 'a FIN had to be sent again',
  // The rest.
  'simultaneous-open': 'both ends sent a SYN',
  'data-in-syn': 'the SYN carries data (TCP Fast Open)',
  'port-reuse': 'another connection on the same ports with the same ISN',
  'icmp-errors': 'ICMP errors about a connection that is up',
  'acknowledges-unsent-data': 'data were acknowledged that were never sent',
  'out-of-window': 'packets far outside every window',
} as const;

export type FindingId = keyof typeof FINDINGS;
