import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { withNamespace } from '../native/namespace.js';
import { PacketSocket } from '../native/packet-socket.js';
import type { PacketSocketOptions } from '../native/packet-socket.js';
import { DEDICATED_SPIN_US } from '../native/receive-loop.js';
import { createLab } from '../netns/lab.js';
import type { Lab, Role } from '../netns/lab.js';
import { runTool } from '../netns/run-tool.js';
import { until } from './support/until.js';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const LARGEST_MTU = 65_535;
const EXPERIMENTAL = 0x88b5;

let lab: Lab;
const opened: PacketSocket[] = [];

beforeAll(async () => {
  lab = await createLab({ kernelRst: 'allow', clientKernel: false, serverKernel: false, mtu: LARGEST_MTU });
});
afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});
afterAll(() => lab.destroy());

function open(role: Role, options: PacketSocketOptions = {}): PacketSocket {
  const device = withNamespace(lab[role].path, () =>
    PacketSocket.open('eth0', { protocol: EXPERIMENTAL, ...options }),
  );
  opened.push(device);
  return device;
}

/** A frame of `length` octets that carries its number. */
function numbered(number: number, length = 60): Uint8Array {
  const frame = new Uint8Array(length).fill(number & 0xff);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, EXPERIMENTAL >> 8, EXPERIMENTAL & 0xff]);
  new DataView(frame.buffer).setUint32(14, number);
  return frame;
}

function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(14);
}

describe('a packet socket', () => {
  test('knows its interface', () => {
    const device = open('client');
    expect(device.mtu).toBe(LARGEST_MTU);
    expect([...device.mac]).toEqual([2, 0, 0, 0, 0, 1]);
  });

  test.each([0, DEDICATED_SPIN_US])(
    'delivers every frame once and in order, spinning %i us',
    async (spinUs) => {
      const [from, to] = [open('client'), open('server', { spinUs, receiveBuffer: 64 * 1024 * 1024 })];
      const numbers: number[] = [];
      to.onFrames((batch) => {
        for (let i = 0; i < batch.length; i++) numbers.push(numberOf(batch.frame(i)));
      });
      const expected = Array.from({ length: 20_000 }, (_, index) => index);
      for (const number of expected) {
        from.reserve(60).set(numbered(number));
        from.commit(60);
      }
      await until('all have arrived', () => numbers.length >= expected.length);
      expect(numbers).toEqual(expected);
      expect(from.stats()).toEqual({ received: 0, dropped: 0, sent: 20_000, unsent: 0 });
      expect(to.stats()).toEqual({ received: 20_000, dropped: 0, sent: 0, unsent: 0 });
    },
  );

  test('carries the longest frame that its MTU allows, and refuses a longer one', async () => {
    const [from, to] = [open('client'), open('server')];
    const frames: Uint8Array[] = [];
    to.onFrames((batch) => frames.push(...[...batch].map((frame) => frame.slice())));
    const longest = numbered(7, LARGEST_MTU + 14);
    from.send(longest);
    await until('it has arrived', () => frames.length === 1);
    expect(Buffer.compare(frames[0] ?? new Uint8Array(), longest)).toBe(0);
    expect(() => from.reserve(LARGEST_MTU + 19)).toThrow(
      'a frame of 65554 octets on a device that carries 65553 (MTU 65535)',
    );
    expect(() => from.send(new Uint8Array(13))).toThrow(
      'a frame of 13 octets is shorter than its Ethernet header',
    );
  });

  test('does not hear itself', async () => {
    const [from, to] = [open('client'), open('server')];
    let own = 0;
    let others = 0;
    from.onFrames((batch) => (own += batch.length));
    to.onFrames((batch) => (others += batch.length));
    from.send(numbered(1));
    await until('it has arrived', () => others === 1);
    expect(own).toBe(0);
  });

  test('answers from within the callback, and goes on after promises settled there', async () => {
    const [client, server] = [open('client'), open('server')];
    server.onFrames((batch) => {
      for (const frame of batch) server.send(frame);
    });
    const answer = new Promise<number>((resolve) =>
      client.onFrames((batch) => resolve(numberOf(batch.frame(0)))),
    );
    client.send(numbered(42));
    expect(await answer).toBe(42);
  });

  test('forgets what waited on discard, and takes a new callback', async () => {
    const [from, to] = [open('client'), open('server')];
    const [first, second]: [number[], number[]] = [[], []];
    to.onFrames((batch) => first.push(...[...batch].map(numberOf)));
    from.send(numbered(1));
    await until('the first is there', () => first.length === 1);
    to.onFrames(undefined);
    from.send(numbered(2));
    from.flush();
    to.discard();
    to.onFrames((batch) => second.push(...[...batch].map(numberOf)));
    from.send(numbered(3));
    await until('the third is there', () => second.length > 0);
    expect([first, second]).toEqual([[1], [3]]);
  });

  test('counts what the kernel had no room for', async () => {
    const [from, to] = [open('client'), open('server', { receiveBuffer: 4096 })];
    for (let number = 0; number < 1000; number++) from.send(numbered(number));
    from.flush();
    expect(from.stats().sent).toBe(1000);
    let received = 0;
    to.onFrames((batch) => (received += batch.length));
    await until('each is either received or counted as dropped', () => {
      const stats = to.stats();
      return received > 0 && stats.received + stats.dropped === 1000;
    });
    expect(to.stats().dropped).toBeGreaterThan(0);
  });

  test('counts what cannot be sent while the interface is down, and works again when it is up', async () => {
    const [from, to] = [open('client'), open('server')];
    const numbers: number[] = [];
    to.onFrames((batch) => numbers.push(...[...batch].map(numberOf)));
    from.onFrames(() => {});
    await runTool('ip', ['link', 'set', 'eth0', 'down'], { namespace: lab.client.path });
    from.send(numbered(1));
    from.flush();
    expect(from.stats()).toMatchObject({ sent: 0, unsent: 1 });
    await runTool('ip', ['link', 'set', 'eth0', 'up'], { namespace: lab.client.path });
    await until('a frame arrives again', () => {
      from.send(numbered(2));
      return numbers.includes(2);
    });
    expect(numbers).not.toContain(1);
  });

  test('says what is wrong when it cannot be opened', () => {
    expect(() => withNamespace(lab.client.path, () => PacketSocket.open('eth7'))).toThrow(
      'bind eth7: no such device (ENODEV)',
    );
    expect(() => withNamespace('/run/netns/nowhere', () => 0)).toThrow(/ENOENT/);
    const device = open('client');
    device.close();
    device.close();
    expect(() => device.send(numbered(1))).toThrow('the device is closed');
  });
});
