import type { ConnectionOptions } from '../core/config.js';
import { createTcpLite } from '../net/stack.js';
import type { TcpLiteStack } from '../net/stack.js';
import type { StackArguments } from './main.js';

/** A stack as the options say, `connection` being the defaults of its connections. Throws what createTcpLite throws. */
export function makeStack(options: StackArguments, connection: ConnectionOptions = {}): TcpLiteStack {
  const { mac, gateway, netns, spin } = options;
  return createTcpLite({
    interface: options.interface,
    addresses: options.ip,
    attach: options.attach,
    config: { connection },
    ...(mac === undefined ? {} : { mac }),
    ...(gateway === undefined ? {} : { gateways: gateway }),
    ...(netns === undefined ? {} : { netnsPath: netns }),
    ...(spin === undefined ? {} : { spinUs: spin }),
  });
}

/** Options of connections that every command takes. */
export function connectionOptions(options: StackArguments): ConnectionOptions {
  const { isn, window, option } = options;
  return {
    ...(isn === undefined ? {} : { isn }),
    ...(window === undefined ? {} : { window, windowScale: window > 65_535 }),
    ...option,
  };
}
