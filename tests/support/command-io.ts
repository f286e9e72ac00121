import { Readable } from 'node:stream';
import { coloursFor } from '../../reports/colours.js';
import type { CommandIo } from '../../harness/cli/io.js';

/** Streams of a command that keep what is written. */
export interface KeptIo extends CommandIo {
  stdout: string;
  stderr: string;
}

export function keptIo(stdin: string | Uint8Array = ''): KeptIo {
  const io: KeptIo = {
    stdout: '',
    stderr: '',
    out: (text) => void (io.stdout += text),
    err: (text) => void (io.stderr += text),
    columns: 100,
    colours: coloursFor(false),
    progress: false,
    stdin: Readable.from([Buffer.from(stdin)]),
  };
  return io;
}
