/// <reference lib="dom" />
import { html, type Content, type Markup } from '../../markup.js';

/** The case file with line numbers; the failing line is marked. */
export function sourceList(source: string, failing: number | undefined): Markup {
  const lines = source.replace(/\n$/, '').split('\n');
  const items = lines.map((line, at) => item(line, at + 1, at + 1 === failing));
  return html`<ol class="source mono" tabindex="0" aria-label="Case file">
    ${items}
  </ol>`;
}

function item(line: string, number: number, failing: boolean): Markup {
  const remark: Content = failing && html`<span class="remark">✗ not kept</span>`;
  const shown = html`<span class="no" aria-hidden="true">${number}</span><span class="text">${line}</span>`;
  return failing ? html`<li class="failing">${shown}${remark}</li>` : html`<li>${shown}</li>`;
}
