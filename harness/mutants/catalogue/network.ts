import { lowerPathMtu } from '../../../tcp-lite/core/path-mtu.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { type Mutant, usual, usualHost } from '../mutant.js';

/** RFC 9293 sections 3.7.2 and 3.9.2: ICMP, path MTU, addresses that no peer has, source routes. */
export const networkMutants: Mutant[] = [
  {
    id: 'icmp-ignored',
    breaks: 'ICMP errors are ignored',
    rules: ['MUST-54', 'SHLD-26', 'R9293-L18'],
    core: () => ({ icmpVerdict: () => 'ignore' }),
  },
  {
    id: 'path-mtu-ignored',
    breaks: 'the path MTU that a router tells is ignored',
    rules: ['MUST-54'],
    core: () => ({
      icmpVerdict: (error) => {
        const verdict = usual.icmpVerdict(error);
        return verdict === 'path-mtu' ? 'ignore' : verdict;
      },
    }),
  },
  {
    id: 'icmp-for-whoever-is-there',
    breaks: 'an ICMP error about a connection that is not there is taken for the one that is',
    rules: ['MUST-54'],
    host: () => {
      let last: Segment | undefined;
      return {
        encode(segment, target, offset, identification) {
          last = segment;
          return usualHost.encode(segment, target, offset, identification);
        },
        decodeError(bytes, packet) {
          const error = usualHost.decodeError(bytes, packet);
          if (typeof error === 'string' || last === undefined) return error;
          return { ...error, srcPort: last.srcPort, dstPort: last.dstPort };
        },
      };
    },
  },
  {
    id: 'path-mtu-larger-aborts',
    breaks: 'a path MTU larger than the link counts as an error that ends the connection',
    rules: ['MUST-54'],
    core: () => ({
      icmpVerdict: (error) => {
        const verdict = usual.icmpVerdict(error);
        return verdict === 'path-mtu' && error.mtu >= 1500 ? 'hard' : verdict;
      },
    }),
  },
  {
    id: 'path-mtu-absurd-believed',
    breaks: 'a path MTU of 68 octets is believed',
    rules: ['MUST-54'],
    core: () => ({
      smallestPathMtu: () => 68,
      effectiveMss: (tcb) => (tcb.pathMtu < 552 ? 0 : usual.effectiveMss(tcb)),
    }),
  },
  {
    id: 'path-mtu-one-too-many',
    breaks: 'segments are one octet larger than the path MTU that a router told',
    rules: ['MUST-54'],
    core: () => ({
      effectiveMss: (tcb) =>
        usual.effectiveMss(tcb) + (tcb.pathMtu < 1500 && tcb.pathMtu < tcb.peerMss + 40 ? 1 : 0),
    }),
  },
  {
    id: 'icmp-of-any-segment',
    breaks: 'an ICMP error counts whatever sequence number it quotes',
    rules: ['MUST-54'],
    core: () => ({ quotesOutstanding: () => true }),
  },
  {
    id: 'icmp-only-at-snd-una',
    breaks: 'an ICMP error counts only if it quotes a segment of the last window but the oldest',
    rules: ['MUST-54', 'SHLD-26'],
    core: () => ({
      quotesOutstanding: (tcb, seq) => seq !== tcb.sndUna && usual.quotesOutstanding(tcb, seq),
    }),
  },
  {
    id: 'source-quench-aborts',
    breaks: 'Source Quench ends the connection',
    rules: ['MUST-55'],
    core: () => ({
      icmpVerdict: (error) => (error.version === 4 && error.type === 4 ? 'hard' : usual.icmpVerdict(error)),
    }),
  },
  {
    id: 'soft-errors-abort',
    breaks: 'soft ICMP errors end the connection',
    rules: ['MUST-56', 'R9293-L18'],
    core: () => ({ icmpVerdict: (error) => harder(usual.icmpVerdict(error)) }),
  },
  ...([0, 1, 5] as const).map((code): Mutant => ({
    id: `icmp-unreachable-${code}-aborts`,
    breaks: `destination unreachable, code ${code}, ends the connection`,
    rules: ['MUST-56', 'R9293-L18'],
    core: () => ({
      icmpVerdict: (error) =>
        error.version === 4 && error.type === 3 && error.code === code ? 'hard' : usual.icmpVerdict(error),
    }),
  })),
  ...([11, 12] as const).map((type): Mutant => ({
    id: `icmp-${type === 11 ? 'time-exceeded' : 'parameter-problem'}-aborts`,
    breaks: `ICMP ${type === 11 ? 'time exceeded' : 'parameter problem'} ends the connection`,
    rules: ['MUST-56', 'R9293-L18'],
    core: () => ({
      icmpVerdict: (error) =>
        error.version === 4 && error.type === type ? 'hard' : usual.icmpVerdict(error),
    }),
  })),
  ...([2, 3] as const).map((code): Mutant => ({
    id: `icmp-unreachable-${code}-soft`,
    breaks: `destination unreachable, code ${code}, does not end the connection`,
    rules: ['SHLD-26', 'R9293-L18'],
    core: () => ({
      icmpVerdict: (error) =>
        error.version === 4 && error.type === 3 && error.code === code ? 'soft' : usual.icmpVerdict(error),
    }),
  })),
  {
    id: 'icmp-hard-only-established',
    breaks: 'a hard ICMP error does not end an attempt to connect',
    rules: ['SHLD-26', 'R9293-L18'],
    core: () => ({
      quotesOutstanding: (tcb, seq) => tcb.state !== 'SYN-SENT' && usual.quotesOutstanding(tcb, seq),
    }),
  },
  {
    id: 'path-mtu-stops-the-sender',
    breaks: 'what a router refused is not sent again, smaller, before the timer expires',
    rules: ['MUST-54'],
    core: () => ({
      icmpVerdict: (error) => (usual.icmpVerdict(error) === 'path-mtu' ? 'soft' : usual.icmpVerdict(error)),
      quotesOutstanding(tcb, seq) {
        if (usual.quotesOutstanding(tcb, seq) && tcb.state === 'SYN-SENT') lowerPathMtu(tcb, 600, 0);
        return usual.quotesOutstanding(tcb, seq);
      },
    }),
  },
  {
    id: 'syn-to-many-answered',
    breaks: 'a SYN to a broadcast or multicast address is answered',
    rules: ['MUST-57'],
    core: () => ({ addressesValid: () => true }),
    host: () => ({ acceptsGroup: () => true }),
  },
  {
    id: 'syn-from-nobody-answered',
    breaks: 'a SYN from an address that nobody can have is taken for one of the peer',
    rules: ['MUST-63'],
    core: () => ({ addressesValid: () => true }),
    host: () => ({
      acceptsSource: () => true,
      decode(bytes, packet) {
        const segment = usualHost.decode(bytes, packet);
        if (typeof segment === 'string' || usualHost.acceptsSource(segment.src)) return segment;
        return { ...segment, src: segment.version === 4 ? '10.0.0.1' : 'fd00::1' };
      },
    }),
  },
  {
    id: 'source-route-of-the-application-ignored',
    breaks: 'the source route that the application gave is not sent',
    rules: ['MUST-51'],
    core: () => ({
      beforeTransmit(segment, tcb) {
        if (tcb?.listener === undefined) segment.sourceRoute = undefined;
        return true;
      },
    }),
  },
  {
    id: 'source-route-of-the-peer-first',
    breaks: 'a source route that comes from the peer takes the place of that of the application',
    rules: ['MUST-52'],
    core: () => ({ learnsSourceRoute: () => true }),
  },
  {
    id: 'source-route-not-returned',
    breaks: 'a passive open does not learn the route back',
    rules: ['MUST-53'],
    core: () => ({ learnsSourceRoute: () => false }),
  },
  {
    id: 'source-route-not-reversed',
    breaks: 'the route back is the route that came, in the same order',
    rules: ['MUST-53'],
    core: () => ({
      beforeTransmit(segment) {
        if (segment.sourceRoute !== undefined) segment.sourceRoute = [...segment.sourceRoute].reverse();
        return true;
      },
    }),
  },
  {
    id: 'source-route-never-replaced',
    breaks: 'a newer source route does not take the place of an older one',
    rules: ['SHLD-24'],
    core: () => ({
      learnsSourceRoute: (tcb) => tcb.sourceRoute === undefined && usual.learnsSourceRoute(tcb),
    }),
  },
];

function harder(verdict: ReturnType<typeof usual.icmpVerdict>) {
  return verdict === 'soft' ? 'hard' : verdict;
}
