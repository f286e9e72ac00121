// A plain discard server that knows nothing of tcpspec: node discard-server.mjs ADDRESS PORT
import net from 'node:net';

const [address, port] = process.argv.slice(2);
const server = net.createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.resume();
});
server.listen({ host: address, port: Number(port) }, () => process.stdout.write('listening\n'));
