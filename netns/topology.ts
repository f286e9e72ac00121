export type Role = 'client' | 'server';
export type Place = Role | 'middle';

/** What a lab looks like; names and addresses are the same in every lab, since none can see another. */
export interface LabPlan {
  id: string;
  client: EndPlan;
  server: EndPlan;
  middle?: MiddlePlan;
  mtu: number;
}

export interface EndPlan {
  role: Role;
  netns: string;
  path: string;
  interface: string;
  /** Hardware address of the end as the other one sees it: of the kernel, or of the stack behind the TAP device. */
  mac: string;
  ipv4: string;
  ipv6: string;
  kernelAddress: boolean;
  /** TAP interface that a stack opens, bridged with `interface`. */
  tap?: string;
}

export interface MiddlePlan {
  netns: string;
  path: string;
  /** The interfaces towards each end. */
  toClient: { interface: string; mac: string };
  toServer: { interface: string; mac: string };
  /** The kernel forwards between them; else nothing passes unless somebody carries it. */
  bridged: boolean;
}

export const IPV4_PREFIX_LENGTH = 24;
export const IPV6_PREFIX_LENGTH = 64;
export const IPV4_NETWORK = '10.0.0.0/24';
export const IPV6_NETWORK = 'fd00::/64';
export const NAMED_NAMESPACES = '/run/netns';

/** Makes the namespaces and the wires between them; for `ip -batch`, in any namespace. */
export function wiring(plan: LabPlan): string {
  const { client, server, middle, mtu } = plan;
  const wire = (a: Plug, b: Plug) =>
    `link add ${plugged(a, 0)} mtu ${mtu} type veth peer ${plugged(b, 1)} mtu ${mtu}`;
  const plug = (end: EndPlan): Plug => ({ ...end, mac: wireAddress(end) });
  const lines = namespacesOf(plan).map(({ netns }) => `netns add ${netns}`);
  if (middle === undefined) return text([...lines, wire(plug(client), plug(server))]);
  return text([
    ...lines,
    wire(plug(client), { netns: middle.netns, ...middle.toClient }),
    wire(plug(server), { netns: middle.netns, ...middle.toServer }),
  ]);
}

/** Addresses an end and brings it up; for `ip -batch` in the end's namespace. */
export function endSetup(end: EndPlan, mtu: number, ipv6: boolean, neighbour?: EndPlan): string {
  const lines = ['link set lo up'];
  if (end.kernelAddress) {
    lines.push(`address add ${end.ipv4}/${IPV4_PREFIX_LENGTH} dev ${end.interface}`);
    if (ipv6) lines.push(`address add ${end.ipv6}/${IPV6_PREFIX_LENGTH} dev ${end.interface} nodad`);
  }
  if (end.tap !== undefined) {
    const place = end.role === 'client' ? 1 : 2;
    lines.push(
      bridge(address(4, place), mtu),
      `tuntap add mode tap name ${end.tap}`,
      `link set ${end.tap} address ${address(3, place)} mtu ${mtu} master ${BRIDGE} up`,
      `link set ${end.interface} master ${BRIDGE}`,
      ...[end.tap, end.interface].map(unlearning),
      `link set ${BRIDGE} up`,
    );
  }
  lines.push(`link set ${end.interface} up`);
  if (end.kernelAddress && neighbour !== undefined) {
    for (const address of ipv6 ? [neighbour.ipv4, neighbour.ipv6] : [neighbour.ipv4])
      lines.push(`neighbour replace ${address} lladdr ${neighbour.mac} dev ${end.interface} nud permanent`);
  }
  return text(lines);
}

/** Brings the middle up, without any address; for `ip -batch` in its namespace. */
export function middleSetup(middle: MiddlePlan, mtu: number): string {
  const ports = [middle.toClient.interface, middle.toServer.interface];
  const lines = ['link set lo up'];
  if (middle.bridged) {
    lines.push(bridge(address(4, 3), mtu), ...ports.map((port) => `link set ${port} master ${BRIDGE}`));
    lines.push(...ports.map(unlearning));
    lines.push(`link set ${BRIDGE} up`);
  }
  return text([...lines, ...ports.map((port) => `link set ${port} up`)]);
}

export function planEnd(id: string, role: Role, kernelAddress: boolean, tap: boolean): EndPlan {
  const place = role === 'client' ? 1 : 2;
  const netns = namespaceName(id, role);
  return {
    role,
    netns,
    path: `${NAMED_NAMESPACES}/${netns}`,
    interface: 'eth0',
    mac: address(0, place),
    ipv4: `10.0.0.${place}`,
    ipv6: `fd00::${place}`,
    kernelAddress,
    ...(tap ? { tap: 'tap0' } : {}),
  };
}

export function planMiddle(id: string, bridged: boolean): MiddlePlan {
  const netns = namespaceName(id, 'middle');
  return {
    netns,
    path: `${NAMED_NAMESPACES}/${netns}`,
    toClient: { interface: 'client', mac: address(1, 1) },
    toServer: { interface: 'server', mac: address(1, 2) },
    bridged,
  };
}

export function namespacesOf(plan: LabPlan): { netns: string; path: string }[] {
  return [plan.client, plan.server, ...(plan.middle === undefined ? [] : [plan.middle])];
}

interface Plug {
  netns: string;
  interface: string;
  mac: string;
}

/*
 * The two ends get indexes that differ: with equal ones the kernel takes a veth for a card of its own, and lets a
 * second pass before it believes that the link is up.
 */
function plugged({ interface: name, netns, mac }: Plug, offset: number): string {
  return `name ${name} index ${(name === 'server' ? 20 : 10) + offset} netns ${netns} address ${mac}`;
}

const BRIDGE = 'br0';

function namespaceName(id: string, place: Place): string {
  return id === '' ? place : `${id}-${place}`;
}

/** A bridge hands frames for its ports' own addresses to the kernel, so beside a TAP the wire gets another one. */
function wireAddress(end: EndPlan): string {
  return end.tap === undefined ? end.mac : address(2, end.role === 'client' ? 1 : 2);
}

function address(use: number, place: number): string {
  return `02:00:00:00:0${use}:0${place}`;
}

function bridge(mac: string, mtu: number): string {
  return `link add name ${BRIDGE} address ${mac} mtu ${mtu} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`;
}

/**
 * A bridge of two ports need not learn who is where, and must not: stacks on small devices often have a fixed hardware
 * address, which both ends of a lab then share.
 */
function unlearning(port: string): string {
  return `link set ${port} type bridge_slave learning off`;
}

function text(lines: string[]): string {
  return `${lines.join('\n')}\n`;
}
