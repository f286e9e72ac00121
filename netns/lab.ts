import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../native/interface.js';
import { withNamespace } from '../native/namespace.js';
import { LabError } from './errors.js';
import { installGuard, readGuard } from './guard.js';
import type { GuardCounter } from './guard.js';
import { inhabitants } from './inhabitants.js';
import { isPrivate } from './private.js';
import { runTool } from './run-tool.js';
import { acceptSourceRoutes, forgetPaths, hasIpv6, quietIpv6 } from './sysctl.js';
import { endSetup, middleSetup, namespacesOf, planEnd, planMiddle, wiring } from './topology.js';
import type { EndPlan, LabPlan, MiddlePlan, Place, Role } from './topology.js';

export type LabEnd = Readonly<EndPlan>;
export type LabMiddle = Readonly<MiddlePlan>;
export type { GuardCounter, Place, Role };

export interface LabOptions {
  /**
   * What becomes of resets that the kernel of an end sends: `drop` where a user-space stack shares the kernel's address
   * (about 16 ms of nft, only where the kernel has an address).
   */
  kernelRst: 'drop' | 'allow';
  /** Ends that `drop` is about; both unless told. An end whose kernel is itself the TCP must keep its resets. */
  guarded?: readonly Role[];
  /** Has the kernel the address on that end? Yes for the kernel's TCP and for stacks on raw sockets. */
  clientKernel: boolean;
  serverKernel: boolean;
  /** Octets; 1500 unless told. Below 1280 there is no IPv6. */
  mtu?: number;
  /**
   * Puts a third namespace between the ends, with an interface towards each. Nothing passes it until somebody carries
   * it, unless it is a `bridge`.
   */
  middle?: boolean | 'bridge';
  /** Makes a TAP device at that end, bridged with its wire. The kernel must have no address there. */
  tap?: Role | 'both';
  /** Counts the kernel's resets also where they may pass; costs as much as dropping them. */
  countResets?: boolean;
  /**
   * Gives the kernels each other's hardware address, so that a capture starts with the first packet of interest. Only
   * for stacks that use the address of their interface.
   */
  neighbours?: 'static';
  /** First part of the namespaces' names; unique unless told. '' gives just `client`, `server`, `middle`. */
  id?: string;
}

export interface Lab {
  readonly id: string;
  readonly client: LabEnd;
  readonly server: LabEnd;
  readonly middle?: LabMiddle;
  /** Resets that the kernel of that end tried to send. Throws LabError where no guard counts them. */
  guardCounter(end: Role | LabEnd): Promise<GuardCounter>;
  /** Starts a command inside a namespace of the lab; its failure to start is the child's `error` event. */
  spawn(place: Place, command: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Ends every process in the lab and deletes its namespaces. Close sockets first: an open one keeps its namespace. */
  destroy(): Promise<void>;
}

/**
 * Builds two namespaces joined by a wire, 10.0.0.0/24 and fd00::/64, client .1 and server .2, with offloads off, no
 * route out, and no chatter from the kernel. It is ready for packets when the promise resolves.
 *
 * Works only inside of runPrivate, which is what makes leftovers impossible. Throws LabError.
 */
export async function createLab(options: LabOptions): Promise<Lab> {
  const plan = planLab(options);
  if (!isPrivate())
    throw new LabError('labs are made in private namespaces only, so that nothing can be left behind', {
      remedy: 'Start the program through runPrivate or scripts/private.',
    });
  for (const { netns, path } of namespacesOf(plan))
    if (existsSync(path)) throw new LabError(`a namespace named ${netns} exists already`);
  try {
    await runTool('ip', ['-batch', '-'], { input: wiring(plan) });
    await Promise.all([
      setUpEnd(plan.client, plan.server, plan.mtu, options),
      setUpEnd(plan.server, plan.client, plan.mtu, options),
      ...(plan.middle === undefined ? [] : [setUpMiddle(plan.middle, plan.mtu)]),
    ]);
    await untilRunning(plan);
  } catch (error) {
    await deleteNamespaces(plan);
    throw error;
  }
  return new BuiltLab(plan);
}

class BuiltLab implements Lab {
  readonly id: string;
  readonly client: LabEnd;
  readonly server: LabEnd;
  readonly middle?: LabMiddle;
  readonly #plan: LabPlan;
  readonly #children = new Set<ChildProcess>();
  #spawned = false;
  #destroyed: Promise<void> | undefined;

  constructor(plan: LabPlan) {
    this.#plan = plan;
    this.id = plan.id;
    this.client = plan.client;
    this.server = plan.server;
    if (plan.middle !== undefined) this.middle = plan.middle;
  }

  async guardCounter(end: Role | LabEnd): Promise<GuardCounter> {
    const role = typeof end === 'string' ? end : end.role;
    return readGuard(this.#plan[role].path);
  }

  spawn(place: Place, command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [file, ...args] = command;
    if (file === undefined) throw new TypeError('spawn needs a command');
    const at = this.#plan[place];
    if (at === undefined) throw new LabError(`this lab has no ${place}`);
    if (this.#destroyed !== undefined) throw new LabError('this lab is destroyed');
    this.#spawned = true;
    const child = withNamespace(at.path, () => spawn(file, args, options));
    this.#children.add(child);
    const forget = () => this.#children.delete(child);
    child.once('exit', forget).once('error', forget);
    return child;
  }

  destroy(): Promise<void> {
    return (this.#destroyed ??= this.#destroy());
  }

  async #destroy(): Promise<void> {
    await Promise.all([...this.#children].map(endChild));
    // Only a child of ours can have put another process here.
    if (this.#spawned) await endInhabitants(this.#plan);
    await deleteNamespaces(this.#plan);
  }
}

function planLab(options: LabOptions): LabPlan {
  const id = options.id ?? nextId();
  const mtu = options.mtu ?? 1500;
  if (!Number.isInteger(mtu) || mtu < MINIMUM_MTU || mtu > MAXIMUM_MTU)
    throw new LabError(`an MTU of ${mtu} is not between ${MINIMUM_MTU} and ${MAXIMUM_MTU}`);
  if (!/^[A-Za-z0-9_]*$/.test(id))
    throw new LabError(`'${id}' is not a lab's name: letters, digits and _ only`);
  const end = (role: Role, kernelAddress: boolean): EndPlan => {
    const tap = options.tap === role || options.tap === 'both';
    if (tap && kernelAddress)
      throw new LabError(`the ${role} has a TAP device, so its kernel can have no address`);
    return planEnd(id, role, kernelAddress, tap);
  };
  return {
    id,
    mtu,
    client: end('client', options.clientKernel),
    server: end('server', options.serverKernel),
    ...(options.middle ? { middle: planMiddle(id, options.middle === 'bridge') } : {}),
  };
}

async function setUpEnd(end: EndPlan, peer: EndPlan, mtu: number, options: LabOptions): Promise<void> {
  const ipv6 = hasIpv6(mtu);
  if (ipv6) withNamespace(end.path, () => quietIpv6(end.interface, end.kernelAddress));
  if (end.kernelAddress)
    withNamespace(end.path, () => {
      acceptSourceRoutes(end.interface);
      forgetPaths();
    });
  const tasks = [
    disableOffloads(end.interface, end.path),
    runTool('ip', ['-batch', '-'], {
      input: endSetup(end, mtu, ipv6, options.neighbours === 'static' ? peer : undefined),
      namespace: end.path,
    }),
  ];
  const drop = options.kernelRst === 'drop' && (options.guarded?.includes(end.role) ?? true);
  if (end.kernelAddress && (drop || options.countResets === true))
    tasks.push(installGuard(end.path, drop ? 'drop' : 'accept'));
  await Promise.all(tasks);
  if (end.tap !== undefined) await disableOffloads(end.tap, end.path);
}

async function setUpMiddle(middle: MiddlePlan, mtu: number): Promise<void> {
  const ports = [middle.toClient.interface, middle.toServer.interface];
  if (hasIpv6(mtu)) withNamespace(middle.path, () => ports.forEach((port) => quietIpv6(port, false)));
  await Promise.all([
    ...ports.map((port) => disableOffloads(port, middle.path)),
    runTool('ip', ['-batch', '-'], { input: middleSetup(middle, mtu), namespace: middle.path }),
  ]);
}

/** Else captures hold segments of up to 64 KiB with checksums that nobody has filled in. */
function disableOffloads(interfaceName: string, namespace: string): Promise<string> {
  return runTool('ethtool', ['-K', interfaceName, ...OFFLOADS.flatMap((name) => [name, 'off'])], {
    namespace,
  });
}

/** The kernel gives an interface its queue only some time after its other end is up; until then it drops. */
async function untilRunning(plan: LabPlan): Promise<void> {
  const { client, server, middle } = plan;
  const wanted = [client, server].map((end) => ({ path: end.path, name: end.interface }));
  if (middle !== undefined)
    for (const side of [middle.toClient, middle.toServer])
      wanted.push({ path: middle.path, name: side.interface });
  const deadline = performance.now() + RUNNING_WITHIN_MS;
  for (const { path, name } of wanted)
    while (!withNamespace(path, () => isRunning(name))) {
      if (performance.now() > deadline) throw new LabError(`${name} in ${path} did not come up`);
      await sleep(1);
    }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function endInhabitants(plan: LabPlan): Promise<void> {
  for (;;) {
    const pids = namespacesOf(plan).flatMap(({ path }) => inhabitants(path));
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await sleep(1);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

async function deleteNamespaces(plan: LabPlan): Promise<void> {
  const names = namespacesOf(plan).filter(({ path }) => existsSync(path));
  if (names.length > 0)
    await runTool('ip', ['-batch', '-'], {
      input: names.map(({ netns }) => `netns delete ${netns}\n`).join(''),
    });
}

// Several processes, and several copies of this module in one, may share /run/netns.
let counter = 0;
const token = randomBytes(3).toString('hex');

function nextId(): string {
  return `lab_${token}_${++counter}`;
}

const OFFLOADS = ['rx', 'tx', 'sg', 'tso', 'gso', 'gro'];
const RUNNING_WITHIN_MS = 5000;
// IPv4 promises 68. More than 65,535 fits no IP packet.
const MINIMUM_MTU = 68;
const MAXIMUM_MTU = 65_535;
