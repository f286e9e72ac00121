import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadLwip } from '../harness/upper-tester/lwip/library.js';
import { isPrivate, runPrivate } from '../netns/private.js';
import { codecAlone, coreAlone } from './tcp-lite/core-alone.js';
import { measure } from './tcp-lite/pairs.js';
import type { Pair } from './tcp-lite/pairs.js';
import { table } from './tcp-lite/table.js';
import type { Figures, Workload } from './tcp-lite/workloads.js';

// TCP Lite beside the kernel's TCP and lwIP: node dist/bench/tcp-lite.js [--rounds N] [--scale X] [--json FILE]
// --profile says instead where the time of a bulk transfer between two TCP Lite processes goes.
// Every figure of a round is measured in that round, so that ratios hold on a noisy machine; the median counts.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
if (isPrivate()) await main();
else
  process.exitCode = await runPrivate([
    process.execPath,
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ]);

interface Row {
  workload: string;
  pair: string;
  figures: Figures;
  /** Of the first figure, to the same figure of Linux to Linux in the same round. */
  ratioToLinux?: number;
}

async function main(): Promise<void> {
  const scale = Number(values.scale);
  if (values.profile) return tellProfile(scale);
  const rows: Row[] = [];
  for (const { workload, figure, pairs } of plan(scale)) {
    if (values.only !== undefined && values.only !== workload.name) continue;
    const rounds: Map<string, Figures>[] = [];
    for (let round = 0; round < Number(values.rounds); round++) rounds.push(await runRound(workload, pairs));
    rows.push(...summary(workload.name, figure, pairs, rounds));
    process.stdout.write(`${table(rows.filter((row) => row.workload === workload.name))}\n`);
  }
  if (values.only === undefined) {
    rows.push({ workload: 'core', pair: 'core alone', figures: coreAlone(400e6 * scale) });
    rows.push({ workload: 'core', pair: 'codec alone', figures: codecAlone(500_000 * scale) });
    process.stdout.write(`${table(rows.slice(-2))}\n`);
  }
  const machine = {
    node: process.version,
    kernel: os.release(),
    processors: os.cpus().length,
    load: os.loadavg(),
  };
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ schemaVersion: 1, machine, rows }, null, 2)}\n`);
  }
}

async function tellProfile(scale: number): Promise<void> {
  const bulk: Workload = { name: 'bulk', amount: 500e6 * scale };
  const { server, profiles } = await measure({ client: 'tcp-lite', server: 'tcp-lite' }, bulk, true);
  process.stdout.write(`${(server['gbitPerSecond'] ?? NaN).toFixed(2)} Gbit/s under the profiler\n`);
  for (const [role, { idle, rooms, functions }] of Object.entries(profiles ?? {})) {
    const lines = (shares: Record<string, number>) =>
      Object.entries(shares).map(([name, share]) => `  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
    const text = [
      `${role}: idle ${(idle * 100).toFixed(1)} %; of the rest, by room`,
      ...lines(rooms),
      'by function',
      ...lines(functions),
    ];
    process.stdout.write(`${text.join('\n')}\n`);
  }
}

interface Plan {
  workload: Workload;
  /** What ratios are made of. */
  figure: string;
  pairs: Pair[];
}

function plan(scale: number): Plan[] {
  const linux: Pair = { client: 'linux', server: 'linux' };
  const own: Pair = { client: 'tcp-lite', server: 'tcp-lite' };
  const mixed: Pair[] = [
    { client: 'tcp-lite', server: 'linux' },
    { client: 'linux', server: 'tcp-lite' },
  ];
  const overTap: Pair[] = [
    { client: 'tcp-lite-tap', server: 'linux' },
    { client: 'linux', server: 'tcp-lite-tap' },
    ...(hasLwip()
      ? ([
          { client: 'lwip', server: 'linux' },
          { client: 'linux', server: 'lwip' },
        ] as const)
      : []),
  ];
  const bulk: Workload = { name: 'bulk', amount: 500e6 * scale };
  const roundTrips: Workload = { name: 'request-response', amount: 5000 * scale };
  const spinning = { ...own, spinUs: 50 };
  return [
    { workload: bulk, figure: 'gbitPerSecond', pairs: [linux, own, spinning, ...mixed, ...overTap] },
    { workload: roundTrips, figure: 'p50Us', pairs: [linux, own, spinning, ...mixed, ...overTap] },
    {
      workload: { name: 'one-by-one', amount: 2000 * scale },
      figure: 'perSecond',
      pairs: [linux, own, ...mixed],
    },
    {
      workload: { name: 'at-once', amount: 5000 * scale },
      figure: 'perSecond',
      pairs: [linux, own, ...mixed],
    },
    { workload: { name: 'held', amount: 10_000 * scale }, figure: 'octetsEach', pairs: [linux, own] },
  ];
}

async function runRound(workload: Workload, pairs: Pair[]): Promise<Map<string, Figures>> {
  const round = new Map<string, Figures>();
  for (const pair of pairs) {
    const { client, server } = await measure(pair, workload);
    round.set(nameOf(pair), { ...server, ...prefixed(client, server) });
  }
  return round;
}

/** Figures that both ends have are told apart. */
function prefixed(client: Figures, server: Figures): Figures {
  return Object.fromEntries(
    Object.entries(client).map(([name, value]) => [name in server ? `client ${name}` : name, value]),
  );
}

function summary(workload: string, figure: string, pairs: Pair[], rounds: Map<string, Figures>[]): Row[] {
  return pairs.map((pair) => {
    const name = nameOf(pair);
    const all = rounds.map((round) => round.get(name)!);
    const figures = Object.fromEntries(
      Object.keys(all[0]!).map((key) => [key, median(all.map((each) => each[key]!))]),
    );
    const ratios = rounds.map((round) => round.get(name)![figure]! / round.get('linux -> linux')![figure]!);
    return { workload, pair: name, figures, ratioToLinux: median(ratios) };
  });
}

function nameOf({ client, server, spinUs }: Pair): string {
  return `${client} -> ${server}${spinUs === undefined ? '' : ` (spinning ${spinUs} us)`}`;
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function hasLwip(): boolean {
  if (!existsSync('/dev/net/tun')) return false;
  try {
    loadLwip();
    return true;
  } catch {
    return false;
  }
}
