import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { SimulatedNetwork } from '../../../tcp-lite/link/simulated/network.js';

const TOTAL = 100_000_000;

/**
 * The slow proof: 100 MB through a path that loses, duplicates, reorders and corrupts 5 % of the packets each, both
 * ways. Sequence numbers cross the wrap on the way.
 */
test('100 MB under 5 % of loss, duplication, reordering and corruption arrive with the same SHA-256', () => {
  const bad = { loss: 0.05, duplicate: 0.05, reorder: 0.05, corrupt: 0.05, delayMs: 2, reorderMs: 4 };
  const network = new SimulatedNetwork(20_260_101, bad);
  const config = { connection: { isn: 2 ** 32 - 20_000_000, receiveBuffer: 1 << 20, sendBuffer: 1 << 20 } };
  const client = network.addHost('10.0.0.1', config);
  const server = network.addHost('10.0.0.2', config);
  const sent = createHash('sha256');
  const received = createHash('sha256');
  let arrived = 0;
  const ends: string[] = [];
  server.tcp.listen({ port: 80 }).onConnection = (connection) => {
    connection.onReadable = () => {
      const data = connection.read(1e9, network.now)!;
      received.update(data);
      arrived += data.length;
    };
    connection.onEnd = () => connection.close(network.now);
    connection.onClosed = (error) => ends.push(`server: ${error?.message ?? 'in good order'}`);
  };
  const connection = client.tcp.connect({ remoteAddress: '10.0.0.2', remotePort: 80 }, network.now);
  const block = network.random.octets(1 << 16);
  let written = 0;
  const fill = () => {
    while (written < TOTAL) {
      // A stream without period: every block starts elsewhere in the pattern.
      const from = (written * 7) % 60_000;
      const data = block.subarray(from, Math.min(block.length, from + TOTAL - written));
      const taken = connection.write(data, network.now);
      sent.update(data.subarray(0, taken));
      written += taken;
      if (taken < data.length) return;
    }
    connection.shutdown(network.now);
  };
  connection.onEstablished = fill;
  connection.onWritable = fill;
  connection.onClosed = (error) => ends.push(`client: ${error?.message ?? 'in good order'}`);
  network.run();
  expect(arrived).toBe(TOTAL);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  expect(ends.sort()).toEqual(['client: in good order', 'server: in good order']);
  expect(network.counters.corrupted).toBeGreaterThan(3000);
  expect(network.counters.corruptedUnnoticed).toBe(0);
  expect(client.tcp.connectionCount + server.tcp.connectionCount).toBe(0);
}, 120_000);
