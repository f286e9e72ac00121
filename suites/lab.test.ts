import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { withNamespace } from '../native/namespace.js';
import { PacketSocket } from '../native/packet-socket.js';
import { TapDevice } from '../native/tap.js';
import { inhabitants } from '../netns/inhabitants.js';
import { createLab } from '../netns/lab.js';
import type { Lab, LabOptions, Place } from '../netns/lab.js';
import { runTool } from '../netns/run-tool.js';
import { CLIENT, ECHO_SERVER, runAt, startAt } from './support/programs.js';
import { RST, SYN, tcpFlagsOf, tcpFrame } from './support/tcp-frame.js';
import { isAlive, until } from './support/until.js';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const KERNELS = { kernelRst: 'allow', clientKernel: true, serverKernel: true } as const;
const NO_KERNELS = { kernelRst: 'allow', clientKernel: false, serverKernel: false } as const;
const FAMILIES = ['ipv4', 'ipv6'] as const;

const opened: { close(): void }[] = [];
const labs: Lab[] = [];

async function lab(options: LabOptions): Promise<Lab> {
  const made = await createLab(options);
  labs.push(made);
  return made;
}

function packets(at: Lab, place: Place, interfaceName = 'eth0'): PacketSocket {
  const path = at[place]?.path ?? '';
  const device = withNamespace(path, () => PacketSocket.open(interfaceName));
  opened.push(device);
  return device;
}

/** Collects copies of the frames that arrive. */
function collect(device: PacketSocket | TapDevice): Uint8Array[] {
  const frames: Uint8Array[] = [];
  device.onFrames((batch) => {
    for (const frame of batch) frames.push(frame.slice());
  });
  return frames;
}

afterEach(async () => {
  for (const device of opened.splice(0)) device.close();
  const ended = labs.splice(0);
  await Promise.all(ended.map((made) => made.destroy()));
  const left = readdirSync('/run/netns').filter((name) => ended.some(({ id }) => name.startsWith(id)));
  expect(left).toEqual([]);
});

describe('a lab', () => {
  test.each(FAMILIES)('carries a TCP session between the kernels over %s', async (family) => {
    const made = await lab(KERNELS);
    await startAt(made, 'server', ECHO_SERVER, 'Echo: ');
    expect(await runAt(made, 'client', CLIENT, made.server[family], 'hello')).toBe('Echo: hello');
  });

  test('has no way out', async () => {
    const made = await lab(KERNELS);
    for (const { path } of [made.client, made.server]) {
      expect(await runTool('ip', ['-4', 'route'], { namespace: path })).toMatch(
        /^10\.0\.0\.0\/24 dev eth0 [^\n]*\n$/,
      );
      expect(await runTool('ip', ['-6', 'route'], { namespace: path })).toMatch(
        /^fd00::\/64 dev eth0 [^\n]*\n$/,
      );
    }
    expect(await runAt(made, 'client', CLIENT, '192.0.2.1', 'x')).toBe('ENETUNREACH\n');
  });

  test('has offloads off at every end of every wire', async () => {
    const made = await lab({ ...KERNELS, middle: true });
    const ends = [
      [made.client.path, 'eth0'],
      [made.server.path, 'eth0'],
      [made.middle?.path ?? '', 'client'],
      [made.middle?.path ?? '', 'server'],
    ] as const;
    for (const [namespace, name] of ends) {
      const features = await runTool('ethtool', ['-k', name], { namespace });
      for (const feature of [
        'rx-checksumming',
        'tx-checksumming',
        'tcp-segmentation-offload',
        'generic-segmentation-offload',
        'generic-receive-offload',
      ])
        expect(features).toContain(`${feature}: off`);
    }
  });

  test('shows no frame longer than its MTU in bulk', async () => {
    const made = await lab({ ...KERNELS, mtu: 1000 });
    const frames = collect(packets(made, 'server'));
    await startAt(made, 'server', ECHO_SERVER, '');
    const bytes = 'x'.repeat(100_000);
    expect(await runAt(made, 'client', CLIENT, made.server.ipv4, bytes)).toBe(bytes);
    expect(Math.max(...frames.map((frame) => frame.length))).toBe(1014);
  });

  test('is silent until somebody speaks', async () => {
    const made = await lab(KERNELS);
    const seen = (['client', 'server'] as const).map((role) => collect(packets(made, role)));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(seen).toEqual([[], []]);
  });

  test('does not disturb another one with the same addresses', async () => {
    const both = await Promise.all([lab(KERNELS), lab(KERNELS)]);
    await Promise.all(both.map((made, index) => startAt(made, 'server', ECHO_SERVER, `${index}: `)));
    const answers = both.map((made) => runAt(made, 'client', CLIENT, made.server.ipv4, 'hi'));
    expect(await Promise.all(answers)).toEqual(['0: hi', '1: hi']);
  });

  test('leaves the calling thread where it was', async () => {
    const before = readlinkSync('/proc/thread-self/ns/net');
    const made = await lab(NO_KERNELS);
    const inside = withNamespace(made.client.path, () => readlinkSync('/proc/thread-self/ns/net'));
    expect(inside).not.toBe(before);
    expect(() =>
      withNamespace(made.client.path, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(before);
  });
});

describe.each(FAMILIES)('the guard over %s', (family) => {
  /** A lab whose server is a kernel, and whose client is only us. */
  async function shared(options: Partial<LabOptions>) {
    const made = await lab({ kernelRst: 'drop', clientKernel: false, serverKernel: true, ...options });
    const neighbour = ['neigh', 'add', made.client[family], 'lladdr', made.client.mac, 'dev', 'eth0'];
    await runTool('ip', neighbour, { namespace: made.server.path });
    const client = packets(made, 'client');
    const frames = collect(client);
    const resets = () => frames.filter((frame) => ((tcpFlagsOf(frame) ?? 0) & RST) !== 0);
    /** To a port where nobody listens. */
    const syn = { sourcePort: 4000, destinationPort: 4001, seq: 1, flags: SYN };
    const provoke = () => client.send(tcpFrame(made.client, made.server, family, syn));
    return { made, provoke, resets };
  }

  const rst = { sourcePort: 4001, destinationPort: 4000, seq: 0, flags: RST };

  test("drops and counts the kernel's resets, but not those of a stack on raw frames", async () => {
    const { made, provoke, resets } = await shared({ kernelRst: 'drop' });
    provoke();
    await until('the guard has counted', async () => (await made.guardCounter('server')).packets === 1);
    expect((await made.guardCounter(made.server)).bytes).toBe(family === 'ipv4' ? 40 : 60);
    expect(resets()).toEqual([]);
    packets(made, 'server').send(tcpFrame(made.server, made.client, family, rst));
    await until('the reset of a stack arrives', () => resets().length === 1);
  });

  test("lets the kernel's resets pass when asked, and counts them on request", async () => {
    const { made, provoke, resets } = await shared({ kernelRst: 'allow', countResets: true });
    provoke();
    await until('the reset arrives', () => resets().length === 1);
    expect((await made.guardCounter('server')).packets).toBe(1);
  });

  test('leaves an end alone that is not to be guarded', async () => {
    const { provoke, resets } = await shared({ kernelRst: 'drop', guarded: ['client'] });
    provoke();
    await until('the reset arrives', () => resets().length === 1);
  });

  test('tells when nothing is counted', async () => {
    const { made } = await shared({ kernelRst: 'allow' });
    await expect(made.guardCounter('server')).rejects.toThrow(/No such file or directory/);
  });
});

describe('an end without the kernel', () => {
  test('answers nothing, so a stack can have the address', async () => {
    const made = await lab({ kernelRst: 'drop', clientKernel: true, serverKernel: false });
    const frames = collect(packets(made, 'client'));
    const asked = collect(packets(made, 'server'));
    await startAt(
      made,
      'client',
      `require('net').connect(8080, '10.0.0.2').on('error', () => {}); console.log(1)`,
    );
    await until('the client asks for its neighbour', () => asked.length > 0);
    expect(frames).toEqual([]);
  });

  test('can have a TAP device, bridged with its wire', async () => {
    const made = await lab({ ...NO_KERNELS, tap: 'client' });
    const mac = Uint8Array.from(made.client.mac.split(':'), (octet) => Number.parseInt(octet, 16));
    const tap = withNamespace(made.client.path, () => TapDevice.open(made.client.tap ?? '', { mac }));
    opened.push(tap);
    const server = packets(made, 'server');
    const [atTap, atServer] = [collect(tap), collect(server)];
    const segment = { sourcePort: 1, destinationPort: 2, seq: 3, flags: SYN };
    const [there, back] = [
      tcpFrame(made.client, made.server, 'ipv4', segment),
      tcpFrame(made.server, made.client, 'ipv4', segment),
    ];
    // The bridge takes a moment to see that somebody opened the device.
    await until('a frame from the TAP arrives', () => {
      tap.send(there);
      return atServer.length > 0;
    });
    server.send(back);
    await until('a frame to the TAP arrives', () => atTap.length > 0);
    expect(atServer[0]).toEqual(there);
    expect(atTap).toEqual([back]);
  });

  test('can have a TAP device at both ends', async () => {
    const made = await lab({ ...NO_KERNELS, tap: 'both' });
    const [client, server] = [made.client, made.server].map((end) => {
      const tap = withNamespace(end.path, () => TapDevice.open(end.tap ?? ''));
      opened.push(tap);
      return tap;
    }) as [TapDevice, TapDevice];
    const seen = collect(server);
    const segment = { sourcePort: 1, destinationPort: 2, seq: 3, flags: SYN };
    await until('a frame crosses both bridges', () => {
      client.send(tcpFrame(made.client, made.server, 'ipv4', segment));
      return seen.length > 0;
    });
  });

  test('has no TAP beside a kernel address', async () => {
    await expect(createLab({ ...KERNELS, tap: 'server' })).rejects.toThrow(
      'the server has a TAP device, so its kernel can have no address',
    );
  });
});

describe('a middle', () => {
  test('passes nothing by itself, and everything when somebody carries it', async () => {
    const made = await lab({ ...KERNELS, middle: true });
    await startAt(made, 'server', ECHO_SERVER, 'carried ');
    const [left, right] = [packets(made, 'middle', 'client'), packets(made, 'middle', 'server')];
    const waiting = collect(left);
    const answer = runAt(made, 'client', CLIENT, '10.0.0.2', 'x');
    await until('the client asks for its neighbour', () => waiting.length > 0);
    let carried = 0;
    const carry = (from: PacketSocket, to: PacketSocket) =>
      from.onFrames((batch) => {
        for (const frame of batch) to.send(frame);
        carried += batch.length;
      });
    for (const frame of waiting) right.send(frame);
    carry(left, right);
    carry(right, left);
    expect(await answer).toBe('carried x');
    expect(carried).toBeGreaterThanOrEqual(8);
  });

  test('can be a bridge', async () => {
    const made = await lab({ ...KERNELS, middle: 'bridge' });
    await startAt(made, 'server', ECHO_SERVER, 'bridged ');
    expect(await runAt(made, 'client', CLIENT, 'fd00::2', 'x')).toBe('bridged x');
  });
});

describe('destroying a lab', () => {
  test('ends every process in it, also grandchildren, and frees the namespaces', async () => {
    const [made, witness] = [await lab(KERNELS), await lab(NO_KERNELS)];
    // One end of this wire vanishes when the namespace of the other does.
    const wire = [
      'link',
      'add',
      'name',
      'w0',
      'type',
      'veth',
      'peer',
      'name',
      'w1',
      'netns',
      made.server.netns,
    ];
    await runTool('ip', wire, { namespace: witness.client.path });
    const { child, said } = await startAt(
      made,
      'server',
      `const child = require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
       console.log(child.pid); setInterval(() => {}, 1000);`,
    );
    const pids = [child.pid ?? 0, Number(said)];
    expect(inhabitants(made.server.path).sort()).toEqual(pids.sort());
    await made.destroy();
    expect(existsSync(made.server.path)).toBe(false);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(() => made.spawn('client', ['true'])).toThrow('this lab is destroyed');
    await until('the namespace is freed', async () => {
      const left = await runTool('ip', ['-brief', 'link'], { namespace: witness.client.path });
      return !left.includes('w0');
    });
  });
});
