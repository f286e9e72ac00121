import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { createLab } from '../netns/lab.js';
import type { Lab } from '../netns/lab.js';
import { createTcpLite } from '../tcp-lite/net/stack.js';
import { diaries } from './support/diaries.mjs';
import { outputOf } from './support/programs.js';

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ kernelRst: 'allow', clientKernel: false, serverKernel: false });
});
afterAll(() => lab.destroy());

test('sockets of TCP Lite live as those of net do, event by event', async () => {
  const program = fileURLToPath(new URL('support/diaries.mjs', import.meta.url));
  const child = lab.spawn('client', [process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const expected: unknown = JSON.parse(await outputOf(child));
  const stack = ({ path, interface: name, ipv4 }: Lab['client']) =>
    createTcpLite({ netnsPath: path, interface: name, addresses: [`${ipv4}/24`] });
  const [a, b] = [stack(lab.client), stack(lab.server)];
  const actual = await diaries({
    host: lab.server.ipv4,
    createServer: (settings) => b.createServer(settings),
    connect: (options) => a.connect(options),
  });
  a.close();
  b.close();
  expect(actual).toEqual(expected);
});
