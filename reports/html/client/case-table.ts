/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import { caseHref, verdictBadge } from '../badges.js';
import type { Listed } from '../data.js';
import { index } from './store.js';

/** Some results as a table: a row a case, a column an implementation. */
export function caseTable(some: Listed[]): Markup {
  const ids = [...new Set(some.map(({ id }) => id))];
  const iuts = index.implementations.map(({ name }) => name);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Cases">
    <table>
      <thead>
        <tr>
          <th scope="col">Case</th>
          ${iuts.map((iut) => html`<th scope="col">${iut}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${ids.map((id) => {
          const own = some.filter((result) => result.id === id);
          return html`<tr>
            <th scope="row">
              <a href="${caseHref(id)}">${own[0]?.title}</a><br /><span class="mono dim">${id}</span>
            </th>
            ${iuts.map((iut) => html`<td>${own.filter((result) => result.iut === iut).map((result) => html`<a href="${caseHref(id, iut)}">${verdictBadge(result.verdict)}</a>${result.known === undefined ? '' : html`<span class="small dim"> known</span>`} `)}</td>`)}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
