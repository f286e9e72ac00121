/// <reference lib="dom" />
import { html, type Markup } from '../../markup.js';
import { countedLevel, sectionName, sectionOf } from '../../requirements.js';
import { combined } from '../../verdicts.js';
import { caseHref, verdictBadge } from '../badges.js';
import type { Listed } from '../data.js';
import { showMatrix, type MatrixRow } from './matrix.js';
import { rules } from './rules-view.js';
import { index, results } from './store.js';

/** Names of the sections whose rules a case covers. */
const sectionsById = new Map<string, Set<string>>();
for (const { rule, cells } of rules) {
  const section = sectionName(sectionOf(rule));
  for (const { results: covering } of cells.values()) {
    for (const { id } of covering) sectionsById.set(id, (sectionsById.get(id) ?? new Set()).add(section));
  }
}

/** Every case, a column an implementation. */
export function casesView(root: HTMLElement): () => void {
  const byId = new Map<string, Listed[]>();
  for (const result of results) {
    const own = byId.get(result.id);
    if (own) own.push(result);
    else byId.set(result.id, [result]);
  }
  root.innerHTML = html`<h2 tabindex="-1">Cases</h2>
    <div></div>`.text;
  return showMatrix(root.lastElementChild as HTMLElement, {
    view: 'cases',
    caption: 'Cases, and the verdict on each implementation',
    noun: 'case',
    none: 'not run',
    rows: [...byId.values()].map(caseRow),
    sections: rules.filter(({ cells }) => cells.size > 0).map(({ rule }) => sectionOf(rule)),
    iuts: index.implementations.map(({ name }) => name),
  });
}

function caseRow(own: Listed[]): MatrixRow {
  const first = own[0]!;
  const byIut = new Map<string, Listed[]>();
  for (const result of own) byIut.set(result.iut, [...(byIut.get(result.iut) ?? []), result]);
  const words = [first.id, first.title, first.purpose, first.file, ...first.covers, ...first.tags];
  const reasons = own.flatMap(({ reason, brief }) => [reason ?? '', brief ?? '']);
  return {
    group: folderOf(first.file),
    level: countedLevel(first.level),
    sections: [...(sectionsById.get(first.id) ?? [])],
    text: [...words, ...reasons].join('\n').toLowerCase(),
    verdicts: new Map([...byIut].map(([iut, list]) => [iut, worst(list)])),
    head: html`<a href="${caseHref(first.id)}">${first.title}</a
      ><span class="what"
        ><span class="mono">${first.id}</span> ·
        ${first.level}${first.covers.length === 0 ? '' : ` · ${first.covers.join(', ')}`}</span
      >`,
    cells: new Map([...byIut].map(([iut, list]) => [iut, cell(list)])),
  };
}

function cell(list: Listed[]): Markup {
  const [first] = list;
  const verdict = worst(list);
  const known = first!.known === undefined ? '' : html`<span class="small dim"> known</span>`;
  const times =
    list.length === 1 ? '' : ` ${list.filter((one) => one.verdict === verdict).length}/${list.length}`;
  return html`<a href="${caseHref(first!.id, first!.iut)}">${verdictBadge(verdict, `${verdict}${times}`)}</a
    >${known}`;
}

function worst(list: Listed[]): Listed['verdict'] {
  return combined(list.map(({ verdict }) => verdict)) ?? 'error';
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : 'cases';
}
