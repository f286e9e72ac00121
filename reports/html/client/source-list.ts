/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';

/** The case file with line numbers; the failing line is marked, with what it asks. */
export function sourceList(source: string, failing: number | undefined, remark: string | undefined): Markup {
  const lines = source.replace(/\n$/, '').split('\n');
  return html`<ol class="source mono" tabindex="0" aria-label="Case file">
    ${lines.map((line, at) => {
      const number = html`<span class="no" aria-hidden="true">${at + 1}</span>`;
      if (at + 1 !== failing) return html`<li>${number}${line}</li>`;
      return html`<li class="failing">
        ${number}<span class="sr">line ${at + 1} failed: </span>${line}
        <span class="remark" title="${remark ?? ''}">✗ not kept</span>
      </li>`;
    })}
  </ol>`;
}
