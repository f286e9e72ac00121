/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import { inAddress } from '../badges.js';
import type { CaseDetail, Listed } from '../data.js';
import { inflated } from './store.js';

interface Command {
  label: string;
  text: string;
}

/** What a reader types to see the packets and to run just this case again; every word is quoted for the shell. */
export function wireCommands(result: Listed, detail: CaseDetail): Command[] {
  const list: Command[] = [];
  if (detail.displayFilter !== '') list.push({ label: 'Display filter', text: detail.displayFilter });
  if (detail.capture !== '') {
    const filter = detail.displayFilter === '' ? [] : ['-Y', detail.displayFilter];
    list.push({ label: 'Wireshark', text: shell(['wireshark', '-r', detail.capture, ...filter]) });
    list.push({ label: 'tshark', text: shell(['tshark', '-r', detail.capture, ...filter]) });
    list.push({
      label: 'Judge again',
      text: shell(['tcpspec', 'check', detail.capture, '--expect', result.file]),
    });
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
