// A plain client that knows nothing of tcpspec: connects, and reads until the server ends. node client.mjs ADDRESS PORT
import net from 'node:net';

const [address, port] = process.argv.slice(2);
const socket = net.connect({ host: address, port: Number(port) });
socket.on('error', ({ message }) => process.stderr.write(`${message}\n`));
socket.resume();
