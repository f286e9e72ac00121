import { serveLines } from '../serve-lines.js';
import { SocketUpperTester } from '../sockets/upper-tester.js';
import { lwipCalls } from './calls.js';
import { loadLwip, LwipMissing, startInterface } from './library.js';

// Arguments: TAP IPV4 IPV6 GATEWAY. Speaks the upper-tester protocol on stdin and stdout until stdin ends.
const [tap = '', ipv4 = '', ipv6 = '', gateway = ''] = process.argv.slice(2);
try {
  const lwip = loadLwip();
  const netif = startInterface(lwip, { tap, ipv4, ipv6, gateway });
  await serveLines(new SocketUpperTester(lwipCalls(lwip), { ipv4, ipv6 }), process.stdin, process.stdout);
  // lwIP's threads never end by themselves; `netif` is theirs until here.
  process.exit(netif.length > 0 ? 0 : 1);
} catch (error) {
  if (!(error instanceof LwipMissing)) throw error;
  process.stderr.write(`lwip: ${error.message}; ${error.remedy}\n`);
  process.exit(error.exitStatus);
}
