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

  /** The fields with their types. Throws DissectError for a field that does not exist, with the likeliest one meant. */
  async typed(names: readonly string[]): Promise<TypedField[]> {
    const unknown = names.filter((name) => !this.#types.has(name));
    if (unknown.length > 0) await this.#look(new Set(unknown));
    return names.map((name) => ({ name, type: this.#types.get(name) ?? '' }));
  }

  async #look(wanted: ReadonlySet<string>): Promise<void> {
    const missing = new Set(wanted);
    const likely = new Nearest([...wanted]);
    for await (const line of glossary()) {
      // F, description, name, type, ...; or P, description, name.
      const [kind, , name, type] = line.split('\t', 4);
      if ((kind !== 'F' && kind !== 'P') || name === undefined) continue;
      likely.offer(name);
      if (missing.delete(name)) this.#types.set(name, kind === 'P' ? 'FT_PROTOCOL' : (type ?? ''));
    }
    const [first] = missing;
    if (first === undefined) return;
    const meant = likely.to(first);
    throw new DissectError('field', `Wireshark has no field "${first}"`, {
      subject: first,
      remedy:
        meant.length === 0
          ? 'tshark -G fields lists all fields.'
          : `Did you mean ${meant.map((name) => `"${name}"`).join(' or ')}?`,
    });
  }
}

/** The names nearest to some others, by edit distance. */
class Nearest {
  readonly #best = new Map<string, { name: string; distance: number }[]>();

  constructor(targets: readonly string[]) {
    for (const target of targets) this.#best.set(target, []);
  }

  offer(name: string): void {
    for (const [target, best] of this.#best) {
      const worst = best.length < SUGGESTIONS ? mostEdits(target) : (best.at(-1)?.distance ?? 0) - 1;
      if (Math.abs(name.length - target.length) > worst) continue;
      const distance = editDistance(target, name, worst);
      if (distance > worst) continue;
      best.push({ name, distance });
      best.sort((a, b) => a.distance - b.distance);
      best.length = Math.min(best.length, SUGGESTIONS);
    }
  }

  to(target: string): string[] {
    const best = this.#best.get(target) ?? [];
    return best.filter(({ distance }) => distance === best[0]?.distance).map(({ name }) => name);
  }
}

const SUGGESTIONS = 3;
const mostEdits = (target: string): number => Math.max(1, Math.min(4, Math.floor(target.length / 4)));

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

/** The lines of tshark's glossary of fields. */
async function* glossary(): AsyncGenerator<string> {
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
      yield* whole.toString('utf8', 0, end).split('\n');
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
