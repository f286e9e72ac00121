import { coloursFor, wantsColour, type Colours } from '../../reports/colours.js';

/** Where a command writes and what it may assume about the reader. Tests give their own. */
export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
  /** Width of the terminal, columns. */
  columns: number;
  colours: Colours;
  /** Standard error is a terminal: progress may be shown there. */
  progress: boolean;
  stdin: NodeJS.ReadableStream;
}

const USUAL_COLUMNS = 100;

/** The process's own streams. A reader that has gone away (`| head`) ends the output, not the program. */
export function processIo(): CommandIo {
  const { stdout, stderr } = process;
  if (!stdout.listeners('error').includes(onOutputError)) stdout.on('error', onOutputError);
  return {
    out: (text) => void (readerIsGone || stdout.write(text)),
    err: (text) => void stderr.write(text),
    columns: Math.max(60, Math.min(stdout.columns ?? USUAL_COLUMNS, 160)),
    colours: coloursFor(wantsColour(stdout, process.env)),
    progress: stderr.isTTY === true,
    stdin: process.stdin,
  };
}

let readerIsGone = false;

function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  readerIsGone = true;
}
