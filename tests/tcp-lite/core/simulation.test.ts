import { describe, expect, test } from '@jest/globals';
import { drawScenario, runScenario, type Scenario } from './scenario.js';

/** Replay one failing seed with SIM_SEED=n, or try more with SIM_RUNS=n. */
const only = process.env['SIM_SEED'];
const runs = Number(process.env['SIM_RUNS'] ?? 120);
const seeds = only === undefined ? Array.from({ length: runs }, (_, i) => i + 1) : [Number(only)];

describe('whatever the network and the applications do', () => {
  test(`${seeds.length} drawn scenarios: every octet once and in order, every end told, nothing left`, () => {
    for (const seed of seeds) {
      const scenario = drawScenario(seed);
      const problems = judge(scenario);
      if (problems.length > 0) {
        throw new Error(
          `SIM_SEED=${seed} replays it:\n${problems.join('\n')}\n${JSON.stringify(scenario, undefined, 1)}`,
        );
      }
    }
  });

  test('the same seed gives the same run, packet for packet', () => {
    const trace = () => {
      const scenario = drawScenario(11);
      const { network, pairs } = runScenario(scenario);
      return { ...network.counters, now: network.now, received: pairs.map((pair) => pair.server.received) };
    };
    expect(trace()).toEqual(trace());
  });
});

function judge(scenario: Scenario): string[] {
  const { network, hosts, pairs } = runScenario(scenario);
  const problems: string[] = [];
  for (const { client, server } of pairs) {
    for (const [end, peer] of [
      [client, server],
      [server, client],
    ] as const) {
      if (end.connection === undefined) continue;
      if (end.wrongAt >= 0) problems.push(`${end.name}: octet ${end.wrongAt} is not the one sent`);
      if (!end.closed) problems.push(`${end.name}: never ended, ${end.connection.state}`);
      const failed = end.error !== undefined || peer.error !== undefined;
      if (!failed && peer.written !== peer.plan.send) problems.push(`${peer.name}: stuck at ${peer.written}`);
      if (!failed && end.received !== peer.written) {
        problems.push(`${end.name}: received ${end.received} of ${peer.written}, and nobody was told`);
      }
      const buffers = (scenario.connection.receiveBuffer ?? 0) + (scenario.connection.sendBuffer ?? 0);
      if (end.maxMemory > 2 * buffers + 8192 + 2 ** 15)
        problems.push(`${end.name}: ${end.maxMemory} octets held`);
    }
  }
  for (const host of hosts) {
    if (host.tcp.connectionCount > 0) problems.push(`${host.address}: ${host.tcp.connectionCount} TCBs left`);
    if (host.tcp.nextDeadline() !== Infinity) problems.push(`${host.address}: a timer is left`);
  }
  if (network.counters.corruptedUnnoticed > 0) problems.push('corruption went unnoticed');
  return problems;
}
