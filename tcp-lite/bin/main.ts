import { Command, CommanderError, Option } from 'commander';
import type { Attach } from '../link/open-device.js';
import { runClient } from './client.js';
import type { ClientOptions } from './client.js';
import { fail, UsageError } from './failure.js';
import { address, collect, durationMs, isn, keyValue, octets, port, window } from './option-values.js';
import { runServer } from './server.js';
import type { ServerOptions } from './server.js';
import { runUpperTester } from './upper-tester.js';

/** What every command needs to meet the wire. */
export interface StackArguments {
  interface: string;
  ip: string[];
  attach: Attach;
  mac?: string;
  gateway?: string[];
  netns?: string;
  spin?: number;
  isn?: number;
  window?: number;
  option: Record<string, unknown>;
}

/**
 * The command line of TCP Lite. Sets the exit status of the process, which ends when nothing is left to do: 0 all went
 * well, 1 the connection failed, 2 usage, 3 this machine or this user cannot run it.
 */
export async function main(argv: string[]): Promise<void> {
  // A reader that has seen enough, as `head` has, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const program = new Command('tcp-lite')
    .description('A TCP in user space, on raw Ethernet frames (RFC 9293).')
    .exitOverride()
    .showHelpAfterError('(see tcp-lite COMMAND --help)')
    .addHelpText('after', EXAMPLES);
  addServer(program);
  addClient(program);
  addUpperTester(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = error.exitCode === 0 ? 0 : new UsageError('').exitStatus;
    else fail(error);
  }
}

const EXAMPLES = `
Examples, in two namespaces that a veth pair joins and whose kernels have no address on it:
  tcp-lite server --interface veth-b --ip 10.0.0.2/24 --port 8080 --prefix "Echo: "
  tcp-lite client --interface veth-a --ip 10.0.0.1/24 --peer 10.0.0.2 --port 8080 --send "Hello, Server!" --receive 20

Exit status: 0 all went well, 1 the connection failed, 2 usage, 3 this machine or this user cannot run it.`;

function addServer(program: Command): void {
  onTheWire(program.command('server'))
    .description('listen, print "listening", and serve every connection that comes')
    .requiredOption('--port <n>', 'port to listen on, 0 for any free one', port)
    .addOption(
      new Option('--mode <mode>', 'what to do with connections')
        .choices(['echo', 'discard', 'source', 'chargen', 'prefix'])
        .default('echo'),
    )
    .option('--prefix <text>', 'put this before everything that is echoed (--mode prefix)')
    .option('--bytes <n>', 'source and chargen: close after that many octets', octets)
    .option('--backlog <n>', 'connections that may wait', octets)
    .option('--once', 'end after the first connection')
    .action((options: ServerOptions) => runServer(options));
}

function addClient(program: Command): void {
  onTheWire(program.command('client'))
    .description(
      'connect, send, receive, close; with no --send and no --bulk, send what comes on standard input',
    )
    .requiredOption('--peer <address>', 'address to connect to', address)
    .requiredOption('--port <n>', 'port to connect to', port)
    .option('--local-port <n>', 'port to connect from', port)
    .option('--send <text>', 'send this, repeatable', collect)
    .option('--bulk <n>', 'send that many octets (suffixes k, M, G), then tell how fast they went', octets)
    .option('--receive <n>', 'wait until that many octets have come', octets)
    .addOption(
      new Option(
        '--close <how>',
        'how to end: with a FIN first, with a FIN after that of the peer, with a reset',
      )
        .choices(['first', 'after-peer', 'abort'])
        .default('first'),
    )
    .option('--timeout <ms>', 'give up after that long without traffic (suffixes ms, s)', durationMs)
    .action((options: ClientOptions) => runClient(options));
}

function addUpperTester(program: Command): void {
  onTheWire(program.command('upper-tester'))
    .description('take orders as JSON lines on standard input (the upper-tester protocol of tcpspec)')
    .action((options: StackArguments) => runUpperTester(options));
}

function onTheWire(command: Command): Command {
  return command
    .exitOverride()
    .requiredOption('--interface <name>', 'network interface, or TAP device, to send and receive on')
    .requiredOption(
      '--ip <address>',
      'own address, with prefix length where there are routers; repeatable',
      collect,
    )
    .addOption(
      new Option(
        '--attach <how>',
        'raw: share the address with the kernel; packet: have an address of its own; tap: be the far end of a TAP device',
      )
        .choices(['raw', 'packet', 'tap'])
        .default('packet'),
    )
    .option('--mac <address>', 'own hardware address (default: that of the interface)')
    .option('--gateway <address>', 'router for what is not on the link, repeatable', collect)
    .option('--netns <file>', 'network namespace that the interface is in, as /run/netns/NAME')
    .option('--spin <us>', 'stay awake that long after work: latency for processor time', octets)
    .option('--isn <n>', 'initial sequence number (default: by clock and hash)', isn)
    .option(
      '--window <n>',
      'advertise no more than this; at most 65535 also switches window scaling off',
      window,
    )
    .option(
      '--option <name=value>',
      'any option of the core, such as timestamps=false; repeatable',
      keyValue,
      {},
    );
}
