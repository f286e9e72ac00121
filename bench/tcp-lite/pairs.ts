import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createLab } from '../../netns/lab.js';
import type { Lab, Role } from '../../netns/lab.js';
import { runTool } from '../../netns/run-tool.js';
import type { Profile } from './profile.js';
import type { EndArguments, StackName } from './stacks.js';
import type { Figures, Workload } from './workloads.js';

export interface Pair {
  client: StackName;
  server: StackName;
  /** Microseconds that TCP Lite's ends stay awake after work. */
  spinUs?: number;
}

export interface PairFigures {
  client: Figures;
  server: Figures;
  /** Where the ends' time went, where it was asked for. */
  profiles?: Record<Role, Profile>;
}

/** Measures one workload between two processes in a lab of their own, offloads off as in every lab. */
export async function measure(pair: Pair, workload: Workload, profile = false): Promise<PairFigures> {
  const taps = (['client', 'server'] as const).filter((role) => onTap(pair[role]));
  const lab = await createLab({
    kernelRst: 'allow',
    clientKernel: pair.client === 'linux',
    serverKernel: pair.server === 'linux',
    ...(taps.length === 0 ? {} : { tap: taps.length === 2 ? 'both' : taps[0]! }),
  });
  try {
    for (const role of ['client', 'server'] as const) if (pair[role] === 'tcp-lite') await deafen(lab, role);
    const server = start(lab, 'server', pair, workload, profile);
    await server.message('ready');
    const client = start(lab, 'client', pair, workload, profile);
    const profiles = profile
      ? ((await Promise.all([client.message('profile'), server.message('profile')])) as [Profile, Profile])
      : undefined;
    const [fromClient, fromServer] = await Promise.all([
      client.message('figures'),
      serverTells(workload) ? server.message('figures') : Promise.resolve({}),
    ]);
    return {
      client: fromClient as Figures,
      server: fromServer as Figures,
      ...(profiles && { profiles: { client: profiles[0], server: profiles[1] } }),
    };
  } finally {
    await lab.destroy();
  }
}

/**
 * Keeps the kernel from looking for a route for every frame that is not its own: a tenth of the sender's time. The
 * frames have been handed to packet sockets before.
 */
async function deafen(lab: Lab, role: Role): Promise<void> {
  const { path: namespace, interface: device } = lab[role];
  const chain = `chain ingress { type filter hook ingress device ${device} priority 0; policy drop; }`;
  await runTool('nft', ['-f', '-'], { input: `table netdev bench {\n ${chain}\n}\n`, namespace });
}

/** Only these servers learn by themselves that it is over. */
function serverTells({ name }: Workload): boolean {
  return name === 'bulk' || name === 'held';
}

function start(lab: Lab, role: Role, pair: Pair, workload: Workload, profile: boolean) {
  const own = lab[role];
  const other = lab[role === 'client' ? 'server' : 'client'];
  const end: EndArguments = {
    stack: pair[role],
    role,
    interface: onTap(pair[role]) ? own.tap! : own.interface,
    address: own.ipv4,
    peer: other.ipv4,
    spinUs: pair.spinUs ?? 0,
    profile,
  };
  const child = lab.spawn(role, [process.execPath, '--expose-gc', END, JSON.stringify([end, workload])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${pair[role]} as ${role} ended with ${code}`);
  });
  ended.catch(() => undefined);
  return {
    message: async (name: string) => {
      for (;;) {
        const line = await Promise.race([lines.next(), ended]);
        if (line.done === true) await ended;
        if (!String(line.value).startsWith('{')) continue;
        const message = JSON.parse(String(line.value)) as Record<string, unknown>;
        if (name in message) return message[name];
      }
    },
  };
}

const END = fileURLToPath(new URL('end.js', import.meta.url));

function onTap(stack: StackName): boolean {
  return stack === 'lwip' || stack === 'tcp-lite-tap';
}
