import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { UpperRequest, UpperTester } from './protocol.js';

/**
 * Serves an upper tester over a pipe: one JSON request a line in, one JSON response a line out, in whatever order they
 * are done. A line that cannot be read is answered with `error: "bad-request"`. Resolves at the end of the input.
 */
export async function serveLines(upper: UpperTester, input: Readable, output: Writable): Promise<void> {
  const answer = (response: object) => output.write(JSON.stringify(response) + '\n');
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    let request: UpperRequest;
    try {
      request = JSON.parse(line) as UpperRequest;
    } catch (error) {
      answer({ id: 0, ok: false, error: 'bad-request', message: (error as Error).message });
      continue;
    }
    const { id } = request;
    upper.request(request).then(
      (response) => answer({ ...response, id }),
      (error: unknown) => answer({ id, ok: false, error: 'bad-request', message: String(error) }),
    );
  }
}
