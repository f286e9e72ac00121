/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import { inAddress } from '../badges.js';
import type { CaseDetail, Listed } from '../data.js';
import { index, inflated } from './store.js';

interface Command {
  label: string;
  text: string;
}

/**
 * What a reader types to see the packets and to run just this case again, in the folder where the report was written; every
 * word is quoted for the shell. `source` is the case's file.
 */
export function wireCommands(result: Listed, detail: CaseDetail, source: string): Command[] {
  const capture = fromFolder(detail.capture);
  const list: Command[] = [];
  if (detail.displayFilter !== '') list.push({ label: 'Display filter', text: detail.displayFilter });
  if (detail.capture !== '') {
    const filter = detail.displayFilter === '' ? [] : ['-Y', detail.displayFilter];
    list.push({ label: 'Wireshark', text: shell(['wireshark', '-r', capture, ...filter]) });
    list.push({ label: 'tshark', text: shell(['tshark', '-r', capture, ...filter]) });
    // Only a conversation that was observed can be judged from its capture alone.
    if (!isScripted(source)) {
      const words = [...programOf(detail.rerun), 'check', capture, '--expect', result.file];
      list.push({ label: 'Judge again', text: shell(words) });
    }
  }
  if (detail.rerun !== '') list.push({ label: 'Run again', text: detail.rerun });
  return list;
}

export function commands(list: Command[]): Markup {
  return html`<div class="commands">
    ${list.map(({ label, text }) => html`<span>${label}</span><code>${text}</code><button type="button" class="copy" data-copy="${text}" aria-label="Copy: ${label}">Copy</button>`)}
  </div>`;
}

/** Copies what a button carries; where the page may not, the text is selected for the reader. */
export async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset['copy'] ?? '';
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    const code = button.previousElementSibling;
    if (code) getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected';
  }
  setTimeout(() => (button.textContent = 'Copy'), 1500);
}

/** The link to the capture: from this file where it is embedded, else the file beside the report. */
export async function download(place: HTMLElement | null, result: Listed, detail: CaseDetail): Promise<void> {
  if (place === null || detail.capture === '') return;
  const name = fileName(detail.capture, result);
  if (detail.captureData === undefined) {
    const href = relativeHref(detail.capture);
    place.innerHTML =
      href === undefined
        ? html`The capture is ${detail.capture}`.text
        : html`<a class="download" href="${href}" download="${name}">Capture ${name}</a>
            <span class="dim small">beside this file: ${detail.capture}</span>`.text;
    return;
  }
  const octets = await inflated(detail.captureData);
  const url = URL.createObjectURL(new Blob([octets], { type: 'application/vnd.tcpdump.pcap' }));
  place.innerHTML = html`<a class="download" download="${name}">Download ${name}</a>
    <span class="dim small">${octets.byteLength} octets, in this file</span>`.text;
  place.querySelector('a')!.href = url;
}

/** `npx tcpspec` of `sudo npx tcpspec run ...`: the program is called as the run called it. */
function programOf(rerun: string): string[] {
  return /^sudo ((?:npx )?[^ ']+) run /.exec(rerun)?.[1]?.split(' ') ?? ['tcpspec'];
}

function isScripted(source: string): boolean {
  return /^steps\s*:/m.test(source);
}

/** A path below the report as seen from where the report was written. */
function fromFolder(file: string): string {
  const { folder = '' } = index;
  return folder === '' || folder === '.' || file.startsWith('/') ? file : `${folder}/${file}`;
}

/** A path below the report as an address; nothing for absolute paths and for whatever an address could mistake for a scheme. */
function relativeHref(path: string): string | undefined {
  const parts = path.replace(/^\.\//, '').split('/');
  if (parts[0] === '' || parts.includes('..')) return undefined;
  return `./${parts.map(inAddress).join('/')}`;
}

function fileName(capture: string, result: Listed): string {
  const last = capture.split('/').at(-1) ?? '';
  return (last === '' ? `${result.id}.pcapng` : last).replace(/[^\w.@+-]+/g, '_');
}

function shell(words: string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}
