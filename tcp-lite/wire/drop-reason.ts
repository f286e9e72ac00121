/**
 * Why a frame, packet or segment was not handed on. The decoders return one of these instead of throwing; the host
 * counts them. Names start with the layer that refused.
 */
export const DROP_REASONS = [
  'ethernet-truncated',
  'ethernet-not-for-us',
  'ethernet-unknown-type',
  'arp-malformed',
  'ipv4-truncated',
  'ipv4-malformed',
  'ipv4-bad-checksum',
  'ipv4-source-route',
  'ipv6-truncated',
  'ipv6-malformed',
  'ipv6-refused-option',
  'ip-not-for-us',
  'ip-invalid-source',
  'ip-fragment-malformed',
  'ip-fragment-overflow',
  'ip-fragment-timeout',
  'ip-unknown-protocol',
  'icmp-truncated',
  'icmp-bad-checksum',
  'icmp-malformed',
  'icmp-ignored',
  'tcp-truncated',
  'tcp-malformed',
  'tcp-bad-checksum',
  'tcp-not-unicast',
  'neighbour-queue-overflow',
  'neighbour-unresolved',
  'no-route',
  'packet-too-big',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
