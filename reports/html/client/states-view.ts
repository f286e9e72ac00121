/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import { stateGrid } from '../../state-grid.js';
import { combined, VERDICT_SIGN } from '../../verdicts.js';
import { caseHref } from '../badges.js';
import type { Listed } from '../data.js';
import { index, results } from './store.js';

/** The state x segment grid: what each implementation does in every state with every kind of segment. */
export const grid = stateGrid(results);

export function statesView(root: HTMLElement): void {
  if (grid === undefined) {
    root.innerHTML = html`<h2 tabindex="-1">States</h2>
      <p>No case of this run belongs to the state matrix.</p>`.text;
    return;
  }
  const iuts = index.implementations.map(({ name }) => name);
  const all = grid.states.length * grid.segments.length;
  root.innerHTML = html`<h2 tabindex="-1">States</h2>
    <p>
      What arrives (columns) in which state (rows), RFC 9293 section 3.10.7. ${grid.filled} of ${all} cells
      have a case in this run; the others are hatched.
    </p>
    <p>
      <label
        >Implementation
        <select>
          ${iuts.map((iut) => html`<option>${iut}</option>`)}
        </select></label
      >
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="State and segment grid"></div>`.text;
  const select = root.querySelector('select')!;
  const place = root.querySelector<HTMLElement>('.scroll')!;
  const draw = (): void => {
    place.innerHTML = table(select.value).text;
  };
  select.addEventListener('change', draw);
  const first = iuts.find((iut) => results.some((result) => result.iut === iut && inGrid(result)));
  if (first !== undefined) select.value = first;
  draw();
}

function table(iut: string): Markup {
  if (grid === undefined) return html``;
  const { states, segments, at } = grid;
  return html`<table class="grid">
    <caption class="sr">
      Verdicts of ${iut} by state and arriving segment
    </caption>
    <thead>
      <tr>
        <th scope="col">state</th>
        ${segments.map(({ title }) => html`<th scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${states.map(
        (state) =>
          html`<tr>
            <th scope="row">${state}</th>
            ${segments.map(({ name }) => cell(at(state, name).filter((result) => result.iut === iut)))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cell(list: Listed[]): Markup {
  const verdict = combined(list.map((result) => result.verdict));
  const chosen = list.find((result) => result.verdict === verdict);
  if (verdict === undefined || chosen === undefined)
    return html`<td class="empty"><span class="sr">no case</span></td>`;
  const count = list.length === 1 ? '' : ` ${list.length}`;
  return html`<td>
    <a class="verdict v-${verdict}" href="${caseHref(chosen.id, chosen.iut)}"
      ><b aria-hidden="true">${VERDICT_SIGN[verdict]}</b><span class="sr">${verdict}</span>${count}</a
    >
  </td>`;
}

function inGrid(result: Listed): boolean {
  return (
    grid !== undefined &&
    grid.states.some((state) => grid.segments.some(({ name }) => grid.at(state, name).includes(result)))
  );
}
