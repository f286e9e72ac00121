import { spawn } from 'node:child_process';
import type { TypedField } from './dissection.js';
import { DissectError } from './errors.js';
import { INSTALL_REMEDY, wiresharkEnvironment } from './wireshark.js';

/**
 * What fields this Wireshark has and of which types. The list has a quarter of a million entries, so it is read when a
 * field is asked for the first time (0.3 s) and only the answer is kept.
 */
export class FieldCatalogue {
  readonly #types = new Map<string, string>();
  /** Cases that end together ask for the same fields: who comes second waits for the first's answer. */
  #turn: Promise<unknown> = Promise.resolve();

  /** The fields with their types. Throws DissectError for a field that does not exist, with the likeliest one meant. */
  async typed(names: readonly string[]): Promise<TypedField[]> {
    if (this.#unknown(names).length > 0) {
      const turn = this.#turn.then(() => this.#look(this.#unknown(names)));
      this.#turn = turn.catch(() => undefined);
      await turn;
    }
    return names.map((name) => ({ name, type: this.#types.get(name) ?? '' }));
  }

  #unknown(names: readonly string[]): string[] {
    return names.filter((name) => !this.#types.has(name));
  }

  async #look(wanted: readonly string[]): Promise<void> {
    if (wanted.length === 0) return;
    const missing = new Set(wanted);
    for await (const { name, type } of glossary()) if (missing.delete(name)) this.#types.set(name, type);
    const [first] = missing;
    if (first === undefined) return;
    // Only now, since it takes much longer than looking up.
    const nearest = new Nearest(first);
    for await (const { name } of glossary()) nearest.offer(name);
    throw new DissectError('field', `Wireshark has no field "${first}"`, {
      subject: first,
      remedy:
        nearest.names.length === 0
          ? 'tshark -G fields lists all fields.'
          : `Did you mean ${nearest.names.map((name) => `"${name}"`).join(' or ')}?`,
    });
  }
}

/** The names nearest to another, by edit distance. */
class Nearest {
  readonly #target: string;
  #distance: number;
  #names = new Set<string>();

  constructor(target: string) {
    this.#target = target;
    this.#distance = Math.max(1, Math.min(4, Math.floor(target.length / 4)));
  }

  get names(): string[] {
    return [...this.#names].slice(0, SUGGESTIONS);
  }

  offer(name: string): void {
    const longer = name.length - this.#target.length;
    if (longer > this.#distance || -longer > this.#distance) return;
    const distance = editDistance(this.#target, name, this.#distance);
    if (distance > this.#distance) return;
    if (distance < this.#distance) this.#names.clear();
    this.#distance = distance;
    this.#names.add(name);
  }
}

const SUGGESTIONS = 3;

/** Edits (one character changed, added, left out) that make `b` of `a`; gives up beyond `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next) > limit) return limit + 1;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Every field and protocol that tshark knows. */
async function* glossary(): AsyncGenerator<TypedField> {
  const child = spawn('tshark', ['-G', 'fields'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: wiresharkEnvironment(),
  });
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT'
          ? new DissectError('not-installed', 'tshark is not installed', { remedy: INSTALL_REMEDY })
          : error,
      );
    });
  });
  failed.catch(() => undefined);
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      const whole = Buffer.concat([rest, chunk]);
      const end = whole.lastIndexOf('\n') + 1;
      for (const line of whole.toString('utf8', 0, end).split('\n')) {
        // F, description, name, type, ...; or P, description, name.
        const [kind, , name, type] = line.split('\t', 4);
        if (name === undefined) continue;
        if (kind === 'F') yield { name, type: type ?? '' };
        else if (kind === 'P') yield { name, type: 'FT_PROTOCOL' };
      }
      rest = whole.subarray(end);
    }
    await Promise.race([failed, ended(child)]);
  } finally {
    child.kill('SIGKILL');
  }
}

const ended = async (child: ReturnType<typeof spawn>): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
    await new Promise((resolve) => child.once('close', resolve));
};
