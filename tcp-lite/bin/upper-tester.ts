import { serveLines } from '../../harness/upper-tester/serve-lines.js';
import { createUpperTester } from '../net/upper-tester.js';
import type { StackArguments } from './main.js';
import { connectionOptions, makeStack } from './make-stack.js';
import { closeOnSignal } from './signals.js';

/** Serves the upper-tester protocol until standard input ends. */
export async function runUpperTester(options: StackArguments): Promise<void> {
  const stack = makeStack(options, connectionOptions(options));
  closeOnSignal(stack);
  await serveLines(createUpperTester(stack), process.stdin, process.stdout);
  stack.close();
}
