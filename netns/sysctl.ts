import { existsSync, writeFileSync } from 'node:fs';
import { LabError } from './errors.js';

/**
 * Sets kernel parameters (`net/ipv4/ip_forward`) of the calling thread's network namespace (see withNamespace): /proc
 * shows each reader its own. Throws LabError.
 */
export function setSysctls(values: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(values)) {
    try {
      writeFileSync(`/proc/sys/${name}`, String(value));
    } catch (cause) {
      throw new LabError(`kernel parameter ${name} could not be set to ${value}`, {
        command: `sysctl -w ${name}=${value}`,
        cause,
      });
    }
  }
}

/**
 * Keeps the kernel from speaking IPv6 on `interfaceName`, and on every interface made later, unless it is spoken to:
 * no duplicate detection, no router solicitation, no multicast report later on. Where it has no address, it is deaf.
 */
export function quietIpv6(interfaceName: string, kernelAddress: boolean): void {
  for (const scope of ['default', interfaceName]) {
    const parameter = (name: string) => `net/ipv6/conf/${scope}/${name}`;
    setSysctls({
      [parameter('accept_ra')]: 0,
      [parameter('addr_gen_mode')]: ADDR_GEN_MODE_NONE,
      [parameter('accept_dad')]: 0,
      [parameter('router_solicitations')]: 0,
      [parameter('force_mld_version')]: 1,
      [parameter('mldv1_unsolicited_report_interval')]: THREE_WEEKS_MS,
      ...(kernelAddress ? {} : { [parameter('disable_ipv6')]: 1 }),
    });
  }
}

/**
 * Lets the kernel take packets that came along a source route, for which RFC 9293 section 3.9.2.1 has rules; as
 * distributed it drops them. A lab has no way out, so nothing can be led astray.
 */
export function acceptSourceRoutes(interfaceName: string): void {
  for (const scope of ['all', interfaceName])
    setSysctls({ [`net/ipv4/conf/${scope}/accept_source_route`]: 1 });
}

/**
 * Lets every connection of the kernel begin without what earlier ones found out about the way to the same host (round
 * trip, reordering, threshold): what a lab is used for next must not depend on what it was used for before.
 */
export function forgetPaths(): void {
  setSysctls({ 'net/ipv4/tcp_no_metrics_save': 1 });
}

/** False on a kernel that was started without IPv6, in general or on wires of less than 1280 octets. */
export function hasIpv6(mtu = IPV6_MINIMUM_MTU): boolean {
  return mtu >= IPV6_MINIMUM_MTU && existsSync('/proc/sys/net/ipv6');
}

const IPV6_MINIMUM_MTU = 1280;

// No link-local address: it would announce itself, and the lab's own address is enough to find a neighbour.
const ADDR_GEN_MODE_NONE = 1;
// Version 1 reports a group at once, while the lab is being built, and then again at a random moment within this time.
// Version 2 waits with the first report, which then falls into somebody's capture.
const THREE_WEEKS_MS = 2_000_000_000;
