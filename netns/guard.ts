import { LabError } from './errors.js';
import { runTool } from './run-tool.js';
import { IPV4_NETWORK, IPV6_NETWORK } from './topology.js';

export interface GuardCounter {
  packets: number;
  /** IP packets whole, octets. */
  bytes: number;
}

/**
 * Counts the resets that the kernel of a namespace sends within the lab, and drops them or lets them pass. Frames from
 * AF_PACKET sockets, and so a user-space stack's own resets, do not come by here.
 */
export async function installGuard(namespace: string, verdict: 'drop' | 'accept'): Promise<string> {
  return runTool('nft', ['-f', '-'], { input: guardRules(verdict), namespace });
}

export function guardRules(verdict: 'drop' | 'accept'): string {
  const rule = (family: string, network: string) =>
    `${family} saddr ${network} ${family} daddr ${network} tcp flags & rst == rst counter name ${COUNTER} ${verdict}`;
  return `table inet ${TABLE} {
  counter ${COUNTER} { }
  chain output {
    type filter hook output priority filter; policy accept;
    ${rule('ip', IPV4_NETWORK)}
    ${rule('ip6', IPV6_NETWORK)}
  }
}
`;
}

/** How many of the kernel's resets the guard has met. Throws LabError when there is no guard. */
export async function readGuard(namespace: string): Promise<GuardCounter> {
  const output = await runTool('nft', ['-j', 'list', 'counter', 'inet', TABLE, COUNTER], { namespace });
  const listing = JSON.parse(output) as { nftables: { counter?: GuardCounter }[] };
  const counter = listing.nftables.find((item) => item.counter !== undefined)?.counter;
  if (counter === undefined) throw new LabError('the guard has no counter', { stderr: output });
  return { packets: counter.packets, bytes: counter.bytes };
}

/** For people: how to read the counter by hand. */
export const READ_GUARD_COMMAND = `nft list counter inet tcpspec kernel_resets`;

const TABLE = 'tcpspec';
const COUNTER = 'kernel_resets';
