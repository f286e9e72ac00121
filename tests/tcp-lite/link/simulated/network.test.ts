import { describe, expect, test } from '@jest/globals';
import type { Connection } from '../../../../tcp-lite/core/connection.js';
import { EventQueue } from '../../../../tcp-lite/link/simulated/event-queue.js';
import { SimulatedNetwork } from '../../../../tcp-lite/link/simulated/network.js';
import { SeededRandom } from '../../../../tcp-lite/link/simulated/seeded-random.js';

const A = '10.0.0.1';
const B = '10.0.0.2';

/** A sink on port 80 that counts, and a client that sends `octets` and closes. */
function transfer(network: SimulatedNetwork, octets: number, version: 4 | 6 = 4) {
  const [here, there] = version === 4 ? [A, B] : ['fd00::1', 'fd00::2'];
  const a = network.addHost(here);
  const b = network.addHost(there);
  const result = { received: 0, a, b, server: undefined as Connection | undefined };
  b.tcp.listen({ port: 80 }).onConnection = (connection) => {
    result.server = connection;
    connection.onReadable = () => {
      result.received += connection.read(1e9, network.now)!.length;
    };
    connection.onEnd = () => connection.close(network.now);
  };
  const client = a.tcp.connect({ remoteAddress: there, remotePort: 80, sendBuffer: 4e6 }, network.now);
  client.write(new Uint8Array(octets), network.now);
  client.shutdown(network.now);
  return { result, client };
}

test('events come in order of time, those of the same time in order of addition', () => {
  const queue = new EventQueue<string>();
  const random = new SeededRandom(5);
  const added: [number, number][] = [];
  for (let i = 0; i < 500; i++) {
    const at = random.integer(50);
    queue.add(at, `${at} ${i}`);
    added.push([at, i]);
  }
  added.sort((x, y) => x[0] - y[0] || x[1] - y[1]);
  expect(Array.from({ length: 500 }, () => queue.take())).toEqual(added.map(([at, i]) => `${at} ${i}`));
  expect(queue.take()).toBeUndefined();
});

describe('what a path does', () => {
  test('delay: a handshake takes a round trip', () => {
    const network = new SimulatedNetwork(1, { delayMs: 30 });
    const { client } = transfer(network, 0);
    network.run(network.now + 61);
    expect(client.status().srttMs).toBe(60);
  });

  test('rate and queue: goodput stays below the rate, overflow is dropped and repaired', () => {
    const network = new SimulatedNetwork(1, { delayMs: 10, rateBps: 1e6, queueOctets: 10_000 });
    const { result } = transfer(network, 300_000);
    network.run(network.now + 20_000, () => result.received === 300_000);
    expect(result.received).toBe(300_000);
    expect(network.now - 1000).toBeGreaterThan((300_000 * 8) / 1000);
    expect(network.counters.queueDrops).toBeGreaterThan(0);
  });

  test('SHLD-8: marks instead of drops, where both ends speak ECN', () => {
    const conditions = { delayMs: 10, rateBps: 2e6, markOctets: 5000, queueOctets: 100_000 };
    const network = new SimulatedNetwork(1, conditions);
    const a = network.addHost(A, { connection: { ecn: 'request' } });
    const b = network.addHost(B);
    let received = 0;
    b.tcp.listen({ port: 80 }).onConnection = (connection) => {
      connection.onReadable = () => (received += connection.read(1e9, network.now)!.length);
    };
    const client = a.tcp.connect({ remoteAddress: B, remotePort: 80, sendBuffer: 4e6 }, network.now);
    client.write(new Uint8Array(1_000_000), network.now);
    network.run(network.now + 20_000);
    expect(received).toBe(1_000_000);
    expect(network.counters.marked).toBeGreaterThan(3);
    expect(network.counters.queueDrops).toBe(0);
    expect(client.status().retransmissions).toBe(0);
  });

  test.each([4, 6] as const)('a smaller MTU on the way is discovered over IPv%i', (version) => {
    const network = new SimulatedNetwork(1, { mtu: 1300 });
    const { result, client } = transfer(network, 200_000, version);
    network.run(network.now + 5000);
    expect(result.received).toBe(200_000);
    expect(client.status().pathMtu).toBe(1300);
    expect(network.counters.tooBig).toBeGreaterThan(0);
    expect(network.now).toBe(6000);
  });

  test('MUST-2, MUST-3: corruption meets real checksums: everything corrupted is dropped', () => {
    const network = new SimulatedNetwork(1, { corrupt: 0.1 });
    const { result } = transfer(network, 300_000);
    network.run(network.now + 3_000_000, () => result.received === 300_000);
    expect(result.received).toBe(300_000);
    expect(network.counters.corrupted).toBeGreaterThan(20);
    expect(network.counters.corruptedUnnoticed).toBe(0);
  });

  test('a path that dies and comes back is survived; one that stays dead is reported', () => {
    const network = new SimulatedNetwork(1, { delayMs: 5 });
    const { result, client } = transfer(network, 1_000_000);
    network.at(network.now + 30, () => network.setPath(A, B, { loss: 1 }));
    network.at(network.now + 40_000, () => network.setPath(A, B, { loss: 0 }));
    network.run(network.now + 100_000);
    expect(result.received).toBe(1_000_000);
    const other = new SimulatedNetwork(1, { delayMs: 5 });
    const { client: doomed } = transfer(other, 1_000_000);
    other.at(other.now + 30, () => other.setPath(A, B, { loss: 1 }));
    other.run(other.now + 400_000);
    expect([client.error, doomed.error?.code]).toEqual([undefined, 'ETIMEDOUT']);
  });
});

test('a thousand connections at once between two hosts, echoing under loss, all end well', () => {
  const network = new SimulatedNetwork(3, { delayMs: 2, loss: 0.02, reorder: 0.05 });
  const a = network.addHost(A);
  const b = network.addHost(B);
  b.tcp.listen({ port: 80, backlog: 1000 }).onConnection = (connection) => {
    connection.onReadable = () => connection.write(connection.read(1e6, network.now)!, network.now);
    connection.onEnd = () => connection.close(network.now);
  };
  let good = 0;
  for (let i = 0; i < 1000; i++) {
    const connection = a.tcp.connect({ remoteAddress: B, remotePort: 80 }, network.now);
    const message = new TextEncoder().encode(`hello from ${i}`);
    let back = '';
    connection.onEstablished = () => connection.write(message, network.now);
    connection.onReadable = () => {
      back += new TextDecoder().decode(connection.read(1e6, network.now));
      if (back.length === message.length) connection.shutdown(network.now);
    };
    connection.onClosed = (error) => {
      if (error === undefined && back === `hello from ${i}`) good++;
    };
  }
  network.run();
  expect(good).toBe(1000);
  expect(a.tcp.connectionCount + b.tcp.connectionCount).toBe(0);
});

test('one connection after another on the same sockets, through TIME-WAIT and out again', () => {
  const network = new SimulatedNetwork(4, { delayMs: 1 });
  const a = network.addHost(A);
  const b = network.addHost(B);
  let served = 0;
  a.tcp.listen({ port: 80 }).onConnection = (connection) => {
    served++;
    // The server closes first, so that the sockets wait on its side.
    connection.close(network.now);
  };
  for (let i = 0; i < 50; i++) {
    network.at(network.now + i * 100, () => {
      const connection = b.tcp.connect({ remoteAddress: A, remotePort: 80, localPort: 7777 }, network.now);
      connection.onEnd = () => connection.close(network.now);
    });
  }
  network.run(network.now + 10_000);
  expect(served).toBe(50);
  expect(a.tcp.connectionCount).toBe(1);
});
