import type { ConnectionOptions, TcpConfig } from '../../../tcp-lite/core/config.js';
import type { Connection } from '../../../tcp-lite/core/connection.js';
import type { TcpError } from '../../../tcp-lite/core/errors.js';
import type { Conditions } from '../../../tcp-lite/link/simulated/conditions.js';
import { SimulatedNetwork, type SimulatedHost } from '../../../tcp-lite/link/simulated/network.js';
import { SeededRandom } from '../../../tcp-lite/link/simulated/seeded-random.js';

/** One end of a transfer: what its application does. */
export interface Plan {
  /** Octets to send in all. */
  send: number;
  /** Octets a write at most. */
  chunk: number;
  /** Pause before each read, ms; 0 reads at once. */
  readDelayMs: number;
  /** Octets a read at most. */
  readSize: number;
  /** After the last octet: half-close, or wait for the peer's end first. */
  closes: 'when sent' | 'after peer';
}

export interface Scenario {
  seed: number;
  version: 4 | 6;
  conditions: Partial<Conditions>;
  connection: ConnectionOptions;
  config: Partial<TcpConfig>;
  connections: number;
  client: Plan;
  server: Plan;
}

/** How one end of one connection fared. */
export class End {
  received = 0;
  /** Position of the first octet that was not the one expected, or -1. */
  wrongAt = -1;
  written = 0;
  ended = false;
  /** Virtual time at which the last octet had been read, ms. */
  endedAt = 0;
  closed = false;
  error: TcpError | undefined;
  connection: Connection | undefined;
  maxMemory = 0;

  constructor(
    readonly name: string,
    readonly plan: Plan,
    readonly salt: number,
  ) {}
}

export interface Outcome {
  network: SimulatedNetwork;
  hosts: [SimulatedHost, SimulatedHost];
  pairs: { client: End; server: End }[];
}

/** Draws a whole scenario from one seed. */
export function drawScenario(seed: number): Scenario {
  const random = new SeededRandom(seed * 2654435761);
  const pick = <T>(...choices: T[]): T => choices[random.integer(choices.length)]!;
  const plan = (): Plan => ({
    send: pick(0, 1, 100, 5000, 60_000, 200_000),
    chunk: pick(1, 7, 100, 1460, 10_000, 100_000),
    readDelayMs: pick(0, 0, 0, 3, 50, 400),
    readSize: pick(1, 100, 5000, 1e6),
    closes: pick('when sent', 'after peer'),
  });
  const client = plan();
  const server = plan();
  if (client.closes === 'after peer') server.closes = 'when sent';
  const receiveBuffer = pick(500, 2000, 20_000, 262_144);
  const sendBuffer = pick(1, 1000, 20_000, 262_144);
  const connections = pick(1, 1, 2, 10);
  // Tiny buffers and pieces cost a round trip each: what they are to show, they show with few octets.
  const smallest = Math.min(receiveBuffer, sendBuffer, client.chunk, server.chunk);
  const most = (smallest === 1 ? 300 : smallest * 100) / connections;
  for (const each of [client, server]) {
    each.send = Math.floor(Math.min(each.send, most));
    if (each.readSize === 1) each.readDelayMs = 0;
  }
  const heavy = pick(0, 0, 0.01, 0.05, 0.12);
  return {
    seed,
    version: pick(4, 4, 6),
    conditions: {
      delayMs: pick(0.05, 1, 20, 150),
      loss: heavy,
      duplicate: pick(0, 0.02, heavy),
      reorder: pick(0, 0.05, 0.3),
      reorderMs: pick(1, 10, 200),
      corrupt: pick(0, heavy / 2),
      rateBps: pick(Infinity, Infinity, 1e6, 1e8),
      queueOctets: pick(3000, 30_000, 300_000),
      mtu: pick(1500, 1500, 1500, 1400),
    },
    connection: {
      receiveBuffer,
      sendBuffer,
      sack: pick(true, false),
      timestamps: pick(true, false),
      windowScale: pick(true, false),
      noDelay: pick(true, false),
      ecn: pick('off', 'accept', 'request'),
      isn: 2 ** 32 - 1 - random.integer(50_000),
      keepAlive: { idleMs: 60_000, intervalMs: 10_000, count: 9 },
    },
    config: { ackDelayMs: pick(0, 40, 200, 499), minRtoMs: pick(200, 1000) },
    connections,
    client,
    server,
  };
}

/** Runs it until nothing is left to happen. */
export function runScenario(scenario: Scenario): Outcome {
  const network = new SimulatedNetwork(scenario.seed, scenario.conditions);
  const [here, there] = scenario.version === 4 ? ['10.0.0.1', '10.0.0.2'] : ['fd00::1', 'fd00::2'];
  const config = { ...scenario.config, connection: scenario.connection };
  const a = network.addHost(here, config);
  const b = network.addHost(there, config);
  const pairs: Outcome['pairs'] = [];
  const byPort = new Map<number, End>();
  b.tcp.listen({ port: 80 }).onConnection = (connection) => {
    drive(network, connection, byPort.get(connection.remotePort)!);
  };
  for (let i = 0; i < scenario.connections; i++) {
    const client = new End(`client ${i}`, scenario.client, i * 2 + 1);
    const server = new End(`server ${i}`, scenario.server, i * 2 + 2);
    pairs.push({ client, server });
    byPort.set(1024 + i, server);
    network.at(network.now + i * 3, () => {
      const connection = a.tcp.connect(
        { remoteAddress: there, remotePort: 80, localPort: 1024 + i },
        network.now,
      );
      connection.onEstablished = () => drive(network, connection, client);
      connection.onClosed = (error) => close(client, error);
      client.connection = connection;
    });
  }
  network.run();
  return { network, hosts: [a, b], pairs };
}

/** The octet that belongs at `position` of a stream. */
export function octetAt(salt: number, position: number): number {
  return (position * 31 + (position >>> 8) * 17 + salt * 101) & 255;
}

const patterns = new Map<number, Uint8Array>();

/** `size` octets of a stream from `position` on, to be read only. */
function octetsFrom(salt: number, position: number, size: number): Uint8Array {
  let pattern = patterns.get(salt);
  if (pattern === undefined) {
    // The stream repeats after 65,536 octets: two of these periods hold every piece of up to one.
    pattern = new Uint8Array(2 * 65_536);
    for (let i = 0; i < pattern.length; i++) pattern[i] = octetAt(salt, i);
    patterns.set(salt, pattern);
  }
  const from = position % 65_536;
  if (from + size <= pattern.length) return pattern.subarray(from, from + size);
  const pieces = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    pieces.set(octetsFrom(salt, position + at, Math.min(65_536, size - at)), at);
  }
  return pieces;
}

function drive(network: SimulatedNetwork, connection: Connection, end: End): void {
  const { plan } = end;
  end.connection = connection;
  const fill = () => {
    while (end.written < plan.send) {
      const size = Math.min(plan.chunk, plan.send - end.written);
      const data = octetsFrom(end.salt, end.written, size);
      const taken = connection.write(data, network.now);
      end.written += taken;
      if (taken < size) return;
    }
    if (plan.closes === 'when sent') connection.shutdown(network.now);
  };
  const take = () => {
    end.maxMemory = Math.max(end.maxMemory, connection.status().bufferMemory);
    const data = connection.read(plan.readSize, network.now);
    if (data === undefined) return false;
    const salt = end.salt % 2 === 1 ? end.salt + 1 : end.salt - 1;
    const right = octetsFrom(salt, end.received, data.length);
    if (end.wrongAt < 0 && Buffer.compare(data, right) !== 0) {
      end.wrongAt = end.received + data.findIndex((octet, i) => octet !== right[i]);
    }
    end.received += data.length;
    return true;
  };
  const finish = () => {
    if (!connection.ended || end.ended) return;
    end.ended = true;
    end.endedAt = network.now;
    if (plan.closes === 'after peer' && end.written === plan.send) connection.shutdown(network.now);
  };
  let waiting = false;
  const read = () => {
    if (plan.readDelayMs > 0) {
      if (waiting) return;
      waiting = true;
      network.at(network.now + plan.readDelayMs, () => {
        waiting = false;
        if (take()) read();
        finish();
      });
      return;
    }
    while (take());
    finish();
  };
  connection.onReadable = read;
  connection.onEnd = read;
  connection.onWritable = () => {
    fill();
    if (end.ended && plan.closes === 'after peer' && end.written === plan.send)
      connection.shutdown(network.now);
  };
  connection.onClosed = (error) => close(end, error);
  fill();
  read();
}

function close(end: End, error: TcpError | undefined): void {
  end.closed = true;
  end.error = error;
}
