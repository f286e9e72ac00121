import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const hasScript = spawnSync('script', ['--version']).status === 0;
const LONG_MS = 60_000;

/** What stands on the line when bash has completed it: the line is typed into a real bash on a terminal, then a tab. */
(hasScript ? test : test.skip)(
  'bash completes commands, options, ids with brackets and colons, values behind =, and files',
  async () => {
    const bash = new Typist();
    try {
      await bash.line(
        `PATH=${path.resolve('bin')}:$PATH; PS1=rea''dy; source <(tcpspec completion bash); ${TELL}`,
      );
      expect(await bash.completed('tcpspec sch')).toBe('tcpspec schema ');
      expect(await bash.completed('tcpspec run --to')).toBe('tcpspec run --tolerance ');
      expect(await bash.completed('tcpspec run --case echo-us')).toBe('tcpspec run --case echo-user-space ');
      expect(await bash.completed('tcpspec run --case state-close-wait[rst_outside:r')).toBe(
        'tcpspec run --case state-close-wait[rst_outside:right] ',
      );
      expect(await bash.completed("X=1 tcpspec run --case 'state-close-wait[rst_outside:r")).toBe(
        "X=1 tcpspec run --case 'state-close-wait[rst_outside:right]' ",
      );
      expect(await bash.completed('tcpspec run --level=sh')).toBe('tcpspec run --level=should ');
      expect(await bash.completed('tcpspec run -i linu')).toBe('tcpspec run -i linux ');
      expect(await bash.completed('tcpspec run expectations/resets/ch')).toBe(
        'tcpspec run expectations/resets/challenge-ack.yaml ',
      );
      expect(await bash.completed('tcpspec frobnicate --x')).toBe('tcpspec frobnicate --x');
    } finally {
      bash.stop();
    }
  },
  LONG_MS,
);

/** On a key bash says what its line holds, numbered: no guess from what the terminal shows. */
const TELL = `n=0; bind -x '"\\C-x\\C-t": printf "<%d:%s>" $((n++)) "$READLINE_LINE"'`;

/** Types into a bash that has a terminal, and reads what is printed there. */
class Typist {
  readonly #process = spawn('script', ['-qfc', 'bash --norc --noprofile -i', '/dev/null'], {
    env: { ...process.env, TERM: 'dumb', HISTFILE: '/dev/null' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  #text = '';
  #count = 0;

  constructor() {
    this.#process.stdout.on('data', (part: Buffer) => (this.#text += part.toString()));
  }

  async line(text: string): Promise<void> {
    await this.#until(/[#$] /);
    this.#process.stdin.write(`${text}\n`);
    await this.#until('ready');
  }

  /** What the line holds once it was completed. */
  async completed(typed: string): Promise<string> {
    this.#process.stdin.write(`${typed}\t\u0018\u0014`);
    const [, line] = await this.#until(new RegExp(`<${this.#count++}:([^>]*)>`));
    this.#process.stdin.write('\u0015');
    return line!;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  /** Waits until it is printed, and forgets what stands before it. */
  async #until(what: string | RegExp): Promise<RegExpExecArray | string[]> {
    const until = Date.now() + LONG_MS / 2;
    for (;;) {
      const found =
        typeof what === 'string' ? (this.#text.includes(what) ? [what] : null) : what.exec(this.#text);
      if (found) {
        this.#text = this.#text.slice(this.#text.indexOf(found[0]!) + found[0]!.length);
        return found;
      }
      if (Date.now() > until) throw new Error(`bash never printed ${String(what)}, but: ${this.#text}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}
