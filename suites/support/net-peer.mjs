// A plain Node program, the kernel's TCP behind it: what TCP Lite talks to in the suites.
//   net-peer.mjs serve PORT echo|sink|source:OCTETS   prints "listening", then a line of JSON a connection
//   net-peer.mjs connect HOST PORT COUNT PARALLEL     COUNT echo connections; prints a line of JSON
//   net-peer.mjs pull HOST PORT | push HOST PORT OCTETS
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { pattern } from './octet-pattern.mjs';

const [, , role, ...args] = process.argv;
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (role === 'serve') {
  const [port, mode] = args;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => serve(socket, mode));
  server.listen({ port: Number(port), host: '::', backlog: 1024 }, () => process.stdout.write('listening\n'));
} else if (role === 'connect') {
  const [host, port, count, parallel] = args;
  let next = 0;
  let good = 0;
  const worker = async () => {
    while (next < Number(count)) if (await echo(host, Number(port), `number ${next++}`)) good++;
  };
  await Promise.all(Array.from({ length: Number(parallel) }, worker));
  tell({ good });
} else if (role === 'pull' || role === 'push') {
  const [host, port, octets] = args;
  const socket = net.connect({ host, port: Number(port) });
  await once(socket, 'connect');
  if (role === 'push') send(socket, Number(octets));
  await receive(socket);
}

function serve(socket, mode) {
  socket.on('error', (error) => tell({ error: error.code }));
  if (mode === 'echo') socket.pipe(socket);
  else if (mode === 'sink') void receive(socket).then(() => socket.end());
  else {
    socket.resume();
    send(socket, Number(mode.split(':')[1]));
  }
}

async function receive(socket) {
  const hash = createHash('sha256');
  let octets = 0;
  socket.on('data', (data) => {
    hash.update(data);
    octets += data.length;
  });
  await once(socket, 'end');
  tell({ octets, sha256: hash.digest('hex') });
}

function send(socket, octets) {
  let sent = 0;
  const more = () => {
    while (sent < octets) {
      const piece = pattern(sent, Math.min(65_536, octets - sent));
      sent += piece.length;
      if (!socket.write(piece)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.end();
  };
  more();
}

async function echo(host, port, text) {
  const socket = net.connect({ host, port });
  let answer = '';
  socket.on('data', (data) => (answer += data));
  socket.end(text);
  await once(socket, 'close');
  return answer === text;
}
