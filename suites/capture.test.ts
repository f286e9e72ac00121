import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeCuts, type CaptureCut } from '../harness/capture/capture-cut.js';
import { LiveCapture, type LiveCaptureOptions } from '../harness/capture/live-capture.js';
import { viewOf } from '../harness/capture/pcapng.js';
import { Dissector } from '../harness/dissect/dissector.js';
import { withNamespace } from '../native/namespace.js';
import { PacketSocket } from '../native/packet-socket.js';
import { createLab, type Lab, type Role } from '../netns/lab.js';
import { tcpFrame } from '../tests/support/pcap-builder.js';

const NO_KERNELS = { kernelRst: 'allow', clientKernel: false, serverKernel: false } as const;
const TIMEOUT_MS = 60_000;

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
}, TIMEOUT_MS);

async function lab(): Promise<Lab> {
  const made = await createLab(NO_KERNELS);
  cleanUps.push(() => made.destroy());
  return made;
}

async function capture(at: Lab, role: Role, options: Partial<LiveCaptureOptions> = {}): Promise<LiveCapture> {
  const { path, interface: name } = at[role];
  const made = await LiveCapture.start({ netnsPath: path, interfaces: [name], ...options });
  cleanUps.push(() => made.stop());
  return made;
}

/** Sends a segment from one end at once. */
function sender(at: Lab, role: Role): (seq: number) => void {
  const { path, interface: name } = at[role];
  const device = withNamespace(path, () => PacketSocket.open(name));
  cleanUps.push(() => device.close());
  const [src, dst] = role === 'client' ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
  return (seq) => {
    device.send(tcpFrame({ src, dst, seq }));
    device.flush();
  };
}

/** The sequence numbers of a cut's frames, which tell them apart. */
function numbers(cut: CaptureCut): number[] {
  return cut.frames.map(({ block }) => viewOf(block).getUint32(28 + 38));
}

const upTo = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

describe('a capture cut per case', () => {
  test(
    'has every frame of its case and no other, 300 times, though the cut comes at once',
    async () => {
      const at = await lab();
      const [running, client, server] = [
        await capture(at, 'client'),
        sender(at, 'client'),
        sender(at, 'server'),
      ];
      for (let round = 0; round < 300; round++) {
        const mark = running.mark();
        for (const seq of upTo(12, round * 12)) (seq % 2 === 0 ? client : server)(seq);
        const cut = await running.cut(mark);
        expect(numbers(cut)).toEqual(upTo(12, round * 12));
        expect([cut.drops, cut.dropsKnown]).toEqual([0, true]);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'begins with the first frame after it is said to run',
    async () => {
      const at = await lab();
      const client = sender(at, 'client');
      for (let round = 0; round < 5; round++) {
        const running = await capture(at, 'client');
        const mark = running.mark();
        client(round);
        expect(numbers(await running.cut(mark))).toEqual([round]);
        await running.stop();
      }
    },
    TIMEOUT_MS,
  );

  test(
    'leaves out what comes before its mark, after its cut and between two cases',
    async () => {
      const at = await lab();
      const [running, client] = [await capture(at, 'client'), sender(at, 'client')];
      client(1);
      const first = running.mark();
      client(2);
      const cutting = running.cut(first);
      client(3);
      expect(numbers(await cutting)).toEqual([2]);
      client(4);
      const second = running.mark();
      client(5);
      expect(numbers(await running.cut(second))).toEqual([5]);
    },
    TIMEOUT_MS,
  );

  test(
    'may overlap with another',
    async () => {
      const at = await lab();
      const [running, client] = [await capture(at, 'client'), sender(at, 'client')];
      const first = running.mark();
      client(1);
      const second = running.mark();
      client(2);
      const cuttingFirst = running.cut(first);
      client(3);
      const abandoned = running.mark();
      const cuttingSecond = running.cut(second);
      expect(numbers(await cuttingFirst)).toEqual([1, 2]);
      expect(numbers(await cuttingSecond)).toEqual([2, 3]);
      running.release(abandoned);
      await expect(running.cut(abandoned)).rejects.toThrow(TypeError);
      await expect(running.cut(first)).rejects.toThrow(TypeError);
    },
    TIMEOUT_MS,
  );

  test(
    'is a file that Wireshark reads, with its comments',
    async () => {
      const at = await lab();
      const [running, client] = [await capture(at, 'client'), sender(at, 'client')];
      const mark = running.mark();
      upTo(3).forEach(client);
      const cut = await running.cut(mark);
      const folder = mkdtempSync(join(tmpdir(), 'tcpspec-capture-'));
      cleanUps.push(() => rmSync(folder, { recursive: true }));
      const path = join(folder, 'cut.pcapng');
      writeFileSync(path, cut.toPcapng({ frames: new Map([[2, 'the second']]), file: 'whole' }));
      const dissector = await Dissector.start();
      cleanUps.push(() => dissector.close());
      const { packets, others } = await dissector.dissect(path, {
        fields: ['frame.comment', 'frame.interface_name'],
      });
      expect(others).toEqual([]);
      expect(
        packets.map(({ tcp, fields }) => [
          tcp.seqRaw,
          fields['frame.comment'],
          fields['frame.interface_name'],
        ]),
      ).toEqual(upTo(3).map((seq) => [seq, seq === 1 ? ['the second'] : [], [at.client.interface]]));
      expect(execFileSync('capinfos', ['-k', path], { encoding: 'utf8' })).toContain('whole');
    },
    TIMEOUT_MS,
  );
});

describe('two capture points', () => {
  test(
    'merge into one capture by time, and a sentinel from the other end follows what that end sent',
    async () => {
      const at = await lab();
      const [near, far] = await Promise.all([capture(at, 'client'), capture(at, 'server')]);
      const [client, server] = [sender(at, 'client'), sender(at, 'server')];
      const device = withNamespace(at.server.path, () =>
        PacketSocket.open(at.server.interface, { protocol: 0 }),
      );
      cleanUps.push(() => device.close());
      const marks = [near.mark(), far.mark()] as const;
      client(1);
      server(2);
      client(3);
      const cuts = await Promise.all([
        near.cut(marks[0], {
          sendSentinel: (frame) => {
            device.send(frame);
            device.flush();
          },
        }),
        far.cut(marks[1]),
      ]);
      expect(cuts.map(numbers)).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
      const merged = mergeCuts(cuts);
      expect(numbers(merged)).toEqual([1, 1, 2, 2, 3, 3]);
      expect(merged.frames.map(({ interfaceId }) => interfaceId)).toEqual([0, 1, 1, 0, 0, 1]);
    },
    TIMEOUT_MS,
  );

  test(
    'in one process each keep their frames',
    async () => {
      const at = await lab();
      const running = await capture(at, 'client', { interfaces: [at.client.interface, 'lo'] });
      const client = sender(at, 'client');
      for (let round = 0; round < 20; round++) {
        const mark = running.mark();
        upTo(4, round * 4).forEach(client);
        const cut = await running.cut(mark);
        expect(numbers(cut)).toEqual(upTo(4, round * 4));
        expect(cut.interfaces.map(({ name }) => name)).toEqual([at.client.interface, 'lo']);
      }
    },
    TIMEOUT_MS,
  );
});

describe('a capture that cannot be trusted', () => {
  test(
    'counts what the kernel had no room for, and only in the case that lost it',
    async () => {
      const at = await lab();
      const [running, client] = [await capture(at, 'client', { bufferMiB: 1 }), sender(at, 'client')];
      const mark = running.mark();
      // All in one turn: nothing is read meanwhile, so the buffer runs over.
      upTo(20_000).forEach(client);
      const flooded = await running.cut(mark);
      expect(flooded.drops).toBeGreaterThan(0);
      expect(flooded.frames.length + flooded.drops).toBeGreaterThanOrEqual(20_000);
      const next = running.mark();
      client(1);
      const calm = await running.cut(next);
      expect([numbers(calm), calm.drops]).toEqual([[1], 0]);
    },
    TIMEOUT_MS,
  );

  test(
    'finds losses also where the kernel does not tell its count, and none where there are none',
    async () => {
      const at = await lab();
      const running = await capture(at, 'client', { bufferMiB: 1, dropCounter: false });
      const [client, server] = [sender(at, 'client'), sender(at, 'server')];
      for (let round = 0; round < 5; round++) {
        const mark = running.mark();
        upTo(12).forEach((seq) => (seq % 2 === 0 ? client : server)(seq));
        const cut = await running.cut(mark);
        expect([numbers(cut), cut.drops, cut.dropsKnown]).toEqual([upTo(12), 0, false]);
      }
      const mark = running.mark();
      upTo(20_000).forEach(client);
      expect((await running.cut(mark)).drops).toBeGreaterThan(0);
      const next = running.mark();
      client(1);
      const calm = await running.cut(next);
      expect([numbers(calm), calm.drops]).toEqual([[1], 0]);
    },
    TIMEOUT_MS,
  );

  test(
    'says so when it dies',
    async () => {
      const before = dumpcaps();
      const at = await lab();
      const running = await capture(at, 'client');
      const mark = running.mark();
      for (const pid of dumpcaps(before)) process.kill(pid, 'SIGKILL');
      await expect(running.cut(mark)).rejects.toThrow(
        /^dumpcap ended in the middle of the capture \(SIGKILL\)/,
      );
      expect(() => running.mark()).toThrow(/dumpcap ended/);
    },
    TIMEOUT_MS,
  );

  test(
    'does not wait for ever',
    async () => {
      const before = dumpcaps();
      const at = await lab();
      const running = await capture(at, 'client');
      const mark = running.mark();
      const pids = dumpcaps(before);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      cleanUps.push(() => pids.forEach((pid) => process.kill(pid, 'SIGCONT')));
      await expect(running.cut(mark, { timeoutMs: 500 })).rejects.toThrow(
        /^the capture did not show the end of the case within 500 ms/,
      );
    },
    TIMEOUT_MS,
  );

  test(
    'of an interface that does not exist',
    async () => {
      const before = dumpcaps();
      const at = await lab();
      await expect(capture(at, 'client', { interfaces: ['nope0'] })).rejects.toThrow(/nope0/);
      expect(dumpcaps(before)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** The captures that this process runs, apart from others: the engine may have some of its own. */
function dumpcaps(others: readonly number[] = []): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === 'dumpcap')
    .map(Number)
    .filter((pid) => !others.includes(pid));
}
