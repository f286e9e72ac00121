/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import type { Section } from '../../requirements.js';
import {
  admits,
  filterBar,
  filterFrom,
  filterParams,
  readFilter,
  type Filter,
  type Filtered,
} from './filters.js';
import { currentRoute, routeHash } from './route.js';

export interface MatrixRow extends Filtered {
  group: string;
  head: Markup;
  /** By implementation. */
  cells: Map<string, Markup>;
}

export interface Matrix {
  view: string;
  caption: string;
  /** `rule`, `case`. */
  noun: string;
  /** What a cell without a result says. */
  none: string;
  rows: MatrixRow[];
  sections: Section[];
  iuts: string[];
}

/**
 * A table of rows by implementation with filters above it that work on every keystroke and stand in the address, so that
 * a filtered view can be sent. Rows are made once and hidden, never made again.
 */
export function showMatrix(root: HTMLElement, matrix: Matrix): () => void {
  const filter = filterFrom(currentRoute().params);
  root.innerHTML = html`${filterBar(filter, matrix.sections, matrix.iuts, matrix.none)}
    <p role="status" class="dim"></p>
    <div class="scroll" tabindex="0" role="region" aria-label="${matrix.caption}">
      ${table(matrix)}
    </div>`.text;
  const form = root.querySelector('form')!;
  const apply = (): void => applyFilter(root, matrix, readFilter(form));
  const changed = (): void => {
    apply();
    history.replaceState(null, '', routeHash(matrix.view, filterParams(readFilter(form))));
  };
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () =>
    setTimeout(() => {
      for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input,select'))
        field.value = '';
      changed();
    }),
  );
  apply();
  return () => {
    const wanted = filterFrom(currentRoute().params);
    for (const [name, value] of filterParams(wanted)) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
    }
    apply();
  };
}

function table({ caption, noun, none, rows, iuts }: Matrix): Markup {
  const groups = new Map<string, MatrixRow[]>();
  for (const row of rows) {
    const group = groups.get(row.group);
    if (group) group.push(row);
    else groups.set(row.group, [row]);
  }
  const empty = html`<span class="verdict v-none"
    ><b aria-hidden="true">·</b><span class="word">${none}</span></span
  >`;
  return html`<table class="matrix">
    <caption class="sr">
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">${noun.charAt(0).toUpperCase() + noun.slice(1)}</th>
        ${iuts.map((iut) => html`<th scope="col" data-iut="${iut}">${iut}</th>`)}
      </tr>
    </thead>
    ${[...groups].map(
      ([name, own]) =>
        html`<tbody>
          <tr class="group">
            <th scope="rowgroup" colspan="${iuts.length + 1}">${name}</th>
          </tr>
          ${own.map(
            (row) =>
              html`<tr hidden>
                <th scope="row">${row.head}</th>
                ${iuts.map((iut) => html`<td data-iut="${iut}">${row.cells.get(iut) ?? empty}</td>`)}
              </tr>`,
          )}
        </tbody>`,
    )}
  </table>`;
}

function applyFilter(root: HTMLElement, { rows, noun }: Matrix, filter: Filter): void {
  const shown = new Map<string, boolean[]>();
  let count = 0;
  for (const row of rows) {
    const visible = admits(filter, row);
    if (visible) count++;
    const group = shown.get(row.group);
    if (group) group.push(visible);
    else shown.set(row.group, [visible]);
  }
  showRows(root, [...shown.values()]);
  showColumns(root, filter.iut);
  const status = root.querySelector('[role=status]');
  if (status) status.textContent = `${count} of ${rows.length} ${noun}s`;
}

function showColumns(root: HTMLElement, iut: string): void {
  const table = root.querySelector('table');
  if (table === null || (table.dataset['only'] ?? '') === iut) return;
  table.dataset['only'] = iut;
  for (const cell of root.querySelectorAll<HTMLElement>('[data-iut]')) {
    cell.hidden = iut !== '' && cell.dataset['iut'] !== iut;
  }
}

/** Rows that are laid out at once, more than fit a screen, and those of each frame after it. */
const AT_ONCE = 80;
const A_FRAME = 120;

/** The next step of what a filter still has to show, by table. */
const pending = new WeakMap<HTMLElement, number>();

/**
 * Hides and shows rows, by group. Laying out hundreds of rows takes longer than a keystroke may: the first come at once, the
 * others in the frames that follow, unless the next keystroke comes before.
 */
function showRows(root: HTMLElement, groups: readonly (readonly boolean[])[]): void {
  cancelAnimationFrame(pending.get(root) ?? 0);
  const later: HTMLElement[] = [];
  let left = AT_ONCE;
  for (const [index, body] of [...root.querySelectorAll('tbody')].entries()) {
    const visible = groups[index] ?? [];
    for (const [at, yes] of visible.entries()) {
      const row = body.rows[at + 1]!;
      const isShown = !row.hidden && !body.hidden;
      if (yes && !isShown && left-- <= 0) later.push(row);
      const hidden = !yes || (!isShown && left < 0);
      if (row.hidden !== hidden) row.hidden = hidden;
    }
    const empty = !visible.includes(true);
    if (body.hidden !== empty) body.hidden = empty;
  }
  const step = (): void => {
    for (const row of later.splice(0, A_FRAME)) row.hidden = false;
    if (later.length > 0) pending.set(root, requestAnimationFrame(step));
  };
  if (later.length > 0) pending.set(root, requestAnimationFrame(step));
}
