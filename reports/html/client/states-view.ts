/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import { stateGrid } from '../../state-grid.js';
import { combined, VERDICT_SIGN } from '../../verdicts.js';
import { caseHref, inAddress } from '../badges.js';
import { caseTable } from './case-table.js';
import type { Listed } from '../data.js';
import { currentRoute, routeHash } from './route.js';
import { index, results } from './store.js';

/** The state x segment grid: what each implementation does in every state with every kind of segment. */
export const grid = stateGrid(results);

export function statesView(root: HTMLElement): (() => void) | void {
  if (grid === undefined) {
    root.innerHTML = html`<h2 tabindex="-1">States</h2>
      <p>No case of this run belongs to the state matrix.</p>`.text;
    return;
  }
  const iuts = index.implementations.map(({ name }) => name);
  const all = grid.states.length * grid.segments.length;
  root.innerHTML = html`<h2 tabindex="-1">States</h2>
    <p>
      What arrives (columns) in which state (rows), RFC 9293 section 3.10.7.
      ${grid.filled === all ? `Each of the ${all} cells has a case in this run` : `${grid.filled} of ${all} cells have a case in this run; the others are hatched`}.
      † is a known deviation, a number how many results a cell has.
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
  const first = iuts.find((iut) => results.some((result) => result.iut === iut && inGrid(result)));
  const follow = (): void => {
    const named = currentRoute().params.get('iut');
    select.value = iuts.find((iut) => iut === named) ?? first ?? '';
    draw();
  };
  select.addEventListener('change', () => {
    draw();
    history.replaceState(null, '', routeHash('states', [['iut', select.value]]));
  });
  follow();
  return follow;
}

/** All results of one cell: `#state=ESTABLISHED&segment=rst_exact`. */
export function cellPage(root: HTMLElement, state: string, segment: string): void {
  const kind = grid?.segments.find(({ name }) => name === segment);
  const own = kind === undefined ? [] : grid!.at(state, segment);
  root.innerHTML = html`<p class="crumbs"><a href="#states">States</a></p>
    <h2 tabindex="-1">${kind?.title ?? segment} in ${state}</h2>
    ${own.length === 0 ? html`<p>No case of this run covers it.</p>` : caseTable(own)}`.text;
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
            ${segments.map(({ name }) =>
              cell(
                at(state, name).filter((result) => result.iut === iut),
                `#state=${inAddress(state)}&segment=${inAddress(name)}`,
              ),
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cell(list: Listed[], page: string): Markup {
  const verdict = combined(list.map((result) => result.verdict));
  const chosen = list.find((result) => result.verdict === verdict);
  if (verdict === undefined || chosen === undefined)
    return html`<td class="empty"><span class="sr">no case</span></td>`;
  const count = list.length === 1 ? '' : ` ${list.length}`;
  const href = list.length === 1 ? caseHref(chosen.id, chosen.iut) : page;
  const isKnown = list.every((one) => one.verdict !== verdict || one.known !== undefined);
  const known = isKnown && html`<span aria-hidden="true">†</span><span class="sr"> known deviation</span>`;
  return html`<td>
    <a class="verdict v-${verdict}" href="${href}"
      ><b aria-hidden="true">${VERDICT_SIGN[verdict]}</b><span class="sr">${verdict}</span>${known}${count}</a
    >
  </td>`;
}

function inGrid(result: Listed): boolean {
  return (
    grid !== undefined &&
    grid.states.some((state) => grid.segments.some(({ name }) => grid.at(state, name).includes(result)))
  );
}
