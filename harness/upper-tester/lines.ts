import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { DistributiveOmit, UpperRequest, UpperResponse, UpperTester } from './protocol.js';

/** The process behind the pipe ended, or wrote something that is not the protocol. */
export class UpperTesterGone extends Error {
  readonly remedy = 'run the command by hand in `tcpspec lab` and see what it prints';
}

/** How much of a line that is not the protocol is quoted in an error. */
const QUOTED = 200;

/**
 * Speaks the upper-tester protocol over a pipe: one JSON object a line each way. Responses may come in any order; lines
 * that do not start with `{` are the implementation's own output and are left to `onOutput`.
 */
export class LineUpperTester implements UpperTester {
  private nextId = 1;
  private readonly waiting = new Map<number, (response: UpperResponse | UpperTesterGone) => void>();
  private gone: UpperTesterGone | undefined;

  constructor(
    output: Readable,
    private readonly input: Writable,
    onOutput: (line: string) => void = () => undefined,
  ) {
    const lines = createInterface({ input: output, crlfDelay: Infinity });
    lines.on('line', (line) => this.onLine(line, onOutput));
    lines.on('close', () => this.fail(new UpperTesterGone('the upper tester closed its output')));
    input.on('error', () => this.fail(new UpperTesterGone('the upper tester closed its input')));
  }

  async request(request: DistributiveOmit<UpperRequest, 'id'>): Promise<UpperResponse> {
    if (this.gone) throw this.gone;
    const id = this.nextId++;
    const answer = new Promise<UpperResponse | UpperTesterGone>((resolve) => this.waiting.set(id, resolve));
    this.input.write(JSON.stringify({ id, ...request }) + '\n');
    const response = await answer;
    if (response instanceof UpperTesterGone) throw response;
    return response;
  }

  /** Ends every waiting request with this reason. */
  fail(reason: UpperTesterGone): void {
    this.gone ??= reason;
    for (const resolve of this.waiting.values()) resolve(this.gone);
    this.waiting.clear();
  }

  private onLine(line: string, onOutput: (line: string) => void): void {
    if (!line.startsWith('{')) {
      onOutput(line);
      return;
    }
    let response: UpperResponse;
    try {
      response = JSON.parse(line) as UpperResponse;
    } catch {
      this.fail(
        new UpperTesterGone(`the upper tester wrote a line that is not JSON: ${line.slice(0, QUOTED)}`),
      );
      return;
    }
    const resolve = this.waiting.get(response.id);
    // An answer that nobody waits for is no protocol either, and may tell what is wrong.
    if (!resolve) return onOutput(line);
    this.waiting.delete(response.id);
    resolve(response);
  }
}
