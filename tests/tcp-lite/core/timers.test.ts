import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConnectionTable } from '../../../tcp-lite/core/connection-table.js';
import { settingsFrom } from '../../../tcp-lite/core/config.js';
import type { Stack } from '../../../tcp-lite/core/stack.js';
import { Tcb } from '../../../tcp-lite/core/tcb.js';
import { TimerHeap, type Timed } from '../../../tcp-lite/core/timers.js';

test('members come out when due, earliest first, and only once', () => {
  const step = fc.record({
    member: fc.nat(30),
    at: fc.nat(1000),
    kind: fc.constantFrom('wake', 'remove', 'take'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new TimerHeap<Timed>();
      const members = Array.from({ length: 31 }, () => ({ wakeAt: Infinity, heapIndex: -1 }));
      const model = new Map<Timed, number>();
      for (const { member, at, kind } of steps) {
        const each = members[member]!;
        if (kind === 'wake') {
          heap.wake(each, at);
          model.set(each, Math.min(at, model.get(each) ?? Infinity));
        } else if (kind === 'remove') {
          heap.remove(each);
          model.delete(each);
        } else {
          const earliest = Math.min(...model.values());
          const due = heap.takeDue(at);
          if (earliest > at) expect(due).toBeUndefined();
          else {
            expect(model.get(due!)).toBe(earliest);
            model.delete(due!);
          }
        }
        expect(heap.size).toBe(model.size);
        expect(heap.next()).toBe(Math.min(...model.values()));
      }
    }),
  );
});

test('a connection is found by both sockets, and by nothing else', () => {
  const table = new ConnectionTable();
  const make = (local: string, localPort: number, remote: string, remotePort: number) =>
    new Tcb({} as Stack, settingsFrom(), 4, local, localPort, remote, remotePort);
  const tcbs = ['10.0.0.1', '10.0.0.9'].flatMap((local) =>
    ['10.0.0.2', '10.0.0.3'].flatMap((remote) => [1, 2].map((port) => make(local, 80, remote, port))),
  );
  for (const tcb of tcbs) table.add(tcb);
  const find = (tcb: Tcb) => table.find(tcb.localAddress, tcb.localPort, tcb.remoteAddress, tcb.remotePort);
  expect(tcbs.map(find)).toEqual(tcbs);
  expect(table.find('10.0.0.1', 80, '10.0.0.2', 3)).toBeUndefined();
  for (const [index, tcb] of tcbs.entries()) {
    table.remove(tcb);
    expect(find(tcb)).toBeUndefined();
    expect(table.size).toBe(tcbs.length - index - 1);
  }
  expect([...table]).toEqual([]);
});
