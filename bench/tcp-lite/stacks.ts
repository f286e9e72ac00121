import net from 'node:net';
import type { Duplex } from 'node:stream';
import { createTcpLite } from '../../tcp-lite/net/stack.js';

export type StackName = 'linux' | 'tcp-lite' | 'tcp-lite-tap' | 'lwip';

/** What `net` and TCP Lite have in common: one program measures both. */
export interface BenchSocket extends Duplex {
  setNoDelay(noDelay?: boolean): this;
}

export interface BenchStack {
  connect(port: number): BenchSocket;
  listen(port: number, onConnection: (socket: BenchSocket) => void): Promise<void>;
  close(): void;
}

export interface EndArguments {
  stack: StackName;
  role: 'client' | 'server';
  interface: string;
  address: string;
  peer: string;
  spinUs: number;
  /** Say where the time went. */
  profile: boolean;
}

export function openStack(end: EndArguments): BenchStack {
  return end.stack === 'linux' ? linux(end) : tcpLite(end);
}

function linux({ peer }: EndArguments): BenchStack {
  let server: net.Server | undefined;
  return {
    connect: (port) => net.connect({ host: peer, port }),
    listen: (port, onConnection) =>
      new Promise((resolve) => {
        server = net.createServer(onConnection).listen({ port, backlog: BACKLOG }, resolve);
      }),
    close: () => server?.close(),
  };
}

function tcpLite(end: EndArguments): BenchStack {
  const stack = createTcpLite({
    interface: end.interface,
    attach: end.stack === 'tcp-lite-tap' ? 'tap' : 'packet',
    addresses: [`${end.address}/24`],
    spinUs: end.spinUs,
  });
  return {
    connect: (port) => stack.connect({ host: end.peer, port }),
    listen: (port, onConnection) =>
      new Promise((resolve) => {
        stack.listen({ port, backlog: BACKLOG }, onConnection).on('listening', resolve);
      }),
    close: () => stack.close(),
  };
}

const BACKLOG = 4096;
