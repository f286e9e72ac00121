import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { CaptureError } from './errors.js';
import {
  BlockParser,
  ENHANCED_PACKET,
  SECTION_HEADER,
  SECTION_OPTIONS,
  commentOption,
  packetOptions,
  withOption,
  type Block,
} from './pcapng.js';

export interface Annotated {
  /** Frames in the file. */
  frames: number;
  /** The input ended in the middle of a packet; all before it is in the output. */
  truncated: boolean;
}

/**
 * Copies a capture of any kind that Wireshark reads to a pcapng file in which frames, by their 1-based number, and the
 * file itself bear comments. Interfaces, time stamps and comments that are there already stay. `output` may be `input`; it
 * is replaced when the copy is whole. Throws CaptureError when the input is no capture, and what writing throws.
 */
export async function annotate(
  input: string,
  output: string,
  comments: ReadonlyMap<number, string>,
  fileComment?: string,
): Promise<Annotated> {
  const partial = `${output}.${randomBytes(4).toString('hex')}.partial`;
  let file: FileHandle | undefined;
  try {
    file = await open(partial, 'wx');
    const annotated = await copy(input, file, comments, fileComment);
    await file.close();
    file = undefined;
    await rename(partial, output);
    return annotated;
  } catch (error) {
    await file?.close();
    await rm(partial, { force: true });
    throw error;
  }
}

async function copy(
  input: string,
  file: FileHandle,
  comments: ReadonlyMap<number, string>,
  fileComment: string | undefined,
): Promise<Annotated> {
  // editcap turns any kind of capture into pcapng, one enhanced packet block a frame.
  const editcap = spawn('editcap', ['-F', 'pcapng', '--', input, '-'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let messages = '';
  editcap.stderr.on('data', (chunk: Buffer) => (messages = (messages + chunk.toString()).slice(-4096)));
  const ended = new Promise<number | null>((resolve, reject) => {
    editcap.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? notInstalled() : error),
    );
    editcap.on('close', resolve);
  });
  ended.catch(() => undefined);
  const blocks = new BlockParser();
  let frames = 0;
  let sections = 0;
  try {
    for await (const chunk of editcap.stdout as AsyncIterable<Buffer>) {
      const changed: Uint8Array[] = [];
      for (const block of blocks.push(chunk)) {
        if (block.type === ENHANCED_PACKET) changed.push(commented(block, comments.get(++frames)));
        else if (block.type === SECTION_HEADER && sections++ === 0)
          changed.push(withComment(block, SECTION_OPTIONS, fileComment));
        else changed.push(block.bytes);
      }
      if (changed.length > 0) await file.writev(changed);
    }
    const status = await ended;
    const truncated = messages.includes('cut short');
    if ((status !== 0 && !truncated) || sections === 0)
      throw new CaptureError('format', `${input} cannot be copied`, {
        output: messages.replace(/^editcap: /, ''),
      });
    return { frames, truncated };
  } finally {
    editcap.kill('SIGKILL');
  }
}

function commented(block: Block, comment: string | undefined): Uint8Array {
  return comment === undefined ? block.bytes : withComment(block, packetOptions(block.bytes), comment);
}

function withComment(block: Block, optionsOffset: number, comment: string | undefined): Uint8Array {
  return comment === undefined ? block.bytes : withOption(block, optionsOffset, commentOption(comment));
}

function notInstalled(): CaptureError {
  return new CaptureError('not-installed', 'editcap is not installed', {
    remedy: 'On Debian and Ubuntu: apt-get install tshark',
  });
}
