import type { TcpLiteStack } from '../net/stack.js';

/** Ctrl-C and SIGTERM stop the stack at once, and so end the process. Peers learn of it when they next send. */
export function closeOnSignal(stack: TcpLiteStack): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(signal, () => {
      stack.close();
      process.exit(128 + number);
    });
  }
}
