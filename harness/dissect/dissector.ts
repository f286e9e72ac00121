import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { notACapture, requireCaptureFile } from './capture-file.js';
import type { DissectRequest, Dissection } from './dissection.js';
import { DissectError } from './errors.js';
import { FieldCatalogue } from './field-catalogue.js';
import { dissectWithSharkd } from './sharkd-dissect.js';
import { SharkdProcess, SharkdRefusal } from './sharkd-process.js';
import { dissectWithTshark } from './tshark-dissect.js';
import { TsharkFailure } from './tshark-rows.js';

export type { DissectRequest, Dissection } from './dissection.js';

export interface DissectorOptions {
  /** `sharkd` where there is one, unless told. */
  backend?: 'sharkd' | 'tshark';
  /** Files dissected at a time; 2 unless told. Processes are started when they are needed, the first one at once. */
  processes?: number;
  /** How long one request may take, ms; 60,000 unless told. */
  timeoutMs?: number;
  /** Files after which a sharkd is replaced, since each leaves a descriptor open; 500 unless told. */
  recycleAfter?: number;
}

/**
 * Wireshark's dissection of capture files, kept warm: a file of a dozen packets takes a few ms. Where there is no sharkd,
 * tshark gives the same in about 0.4 s.
 */
export class Dissector {
  readonly backend: 'sharkd' | 'tshark';
  readonly #options: Required<Omit<DissectorOptions, 'backend'>>;
  readonly #catalogue = new FieldCatalogue();
  readonly #idle: SharkdProcess[] = [];
  readonly #queue: (() => void)[] = [];
  readonly #all = new Set<SharkdProcess>();
  #busy = 0;
  #closed = false;

  /** Throws DissectError where neither sharkd nor tshark is installed, or the one asked for is not. */
  static async start(options: DissectorOptions = {}): Promise<Dissector> {
    const complete = { processes: 2, timeoutMs: 60_000, recycleAfter: 500, ...options };
    if (options.backend !== 'tshark') {
      try {
        return new Dissector(complete, await SharkdProcess.start(complete.timeoutMs));
      } catch (error) {
        if (options.backend === 'sharkd' || !(error instanceof DissectError)) throw error;
      }
    }
    return new Dissector(complete, undefined);
  }

  private constructor(
    options: Required<Omit<DissectorOptions, 'backend'>>,
    first: SharkdProcess | undefined,
  ) {
    this.#options = options;
    this.backend = first === undefined ? 'tshark' : 'sharkd';
    if (first === undefined) return;
    this.#idle.push(first);
    this.#all.add(first);
  }

  /**
   * Dissects a capture file of any kind that Wireshark reads. Throws CaptureFileError for a file that is none,
   * DissectError for a display filter or field that does not exist and for a dissector that died.
   */
  async dissect(path: string, request: DissectRequest = {}): Promise<Dissection> {
    if (this.#closed) throw new TypeError('the dissector is closed');
    await requireCaptureFile(path);
    const file = resolve(path);
    const typed = {
      fields: await this.#catalogue.typed(request.fields ?? []),
      filters: [...new Set(request.filters ?? [])],
    };
    try {
      if (this.backend === 'tshark') return await this.#inTurn(() => dissectWithTshark(file, typed));
      return await this.#bySharkd((sharkd) => dissectWithSharkd(sharkd, file, typed));
    } catch (error) {
      if (error instanceof SharkdRefusal || error instanceof TsharkFailure) throw notACapture(path);
      throw error;
    }
  }

  /** Ends all processes. What is being dissected fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((sharkd) => sharkd.stop()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  /** A sharkd that died of something else says nothing about the file, so another gets one more chance. */
  async #bySharkd<T>(work: (sharkd: SharkdProcess) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      try {
        return await this.#withSharkd(work);
      } catch (error) {
        if (!(error instanceof DissectError) || error.fault !== 'died' || this.#closed) throw error;
        return this.#withSharkd(work);
      }
    });
  }

  async #withSharkd<T>(work: (sharkd: SharkdProcess) => Promise<T>): Promise<T> {
    const sharkd = await this.#take();
    try {
      return await work(sharkd);
    } finally {
      this.#giveBack(sharkd);
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= this.#options.processes) await new Promise<void>((go) => this.#queue.push(go));
    else this.#busy++;
    try {
      return await work();
    } finally {
      // The place goes to the next in the queue, so the count stays.
      const next = this.#queue.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }

  async #take(): Promise<SharkdProcess> {
    for (;;) {
      const sharkd = this.#idle.pop();
      if (sharkd === undefined) break;
      if (sharkd.alive) return sharkd;
      this.#all.delete(sharkd);
    }
    const fresh = await SharkdProcess.start(this.#options.timeoutMs);
    if (this.#closed) {
      await fresh.stop();
      throw new TypeError('the dissector is closed');
    }
    this.#all.add(fresh);
    return fresh;
  }

  #giveBack(sharkd: SharkdProcess): void {
    if (sharkd.alive && sharkd.loads < this.#options.recycleAfter && residentMiB(sharkd.pid) < MOST_MIB) {
      this.#idle.push(sharkd);
      return;
    }
    this.#all.delete(sharkd);
    void sharkd.stop();
  }
}

/** Memory of a process. Without the private mount namespace every file costs sharkd 11 MB that it does not give back. */
function residentMiB(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    return (pages * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}

const MOST_MIB = 1024;
