/// <reference lib="dom" />
import { html, type Content, type Markup } from '../../markup.js';
import { countedLevel, keyword, sectionName, sectionOf } from '../../requirements.js';
import { sectionTitle } from '../../section-titles.js';
import { levelShares, percent, ruleTable, uncovered, type RuleRow } from '../../rules.js';
import type { Listed } from '../data.js';
import { caseHref, inAddress, ruleHref, verdictBadge } from '../badges.js';
import { caseTable } from './case-table.js';
import { showMatrix, type MatrixRow } from './matrix.js';
import { index, results } from './store.js';

export const rules = ruleTable<Listed>(results, index.requirements);
const iuts = index.implementations.map(({ name }) => name);

/** Rules by section, a column an implementation, with counts and percentages by level. */
export function rulesView(root: HTMLElement): () => void {
  root.innerHTML = html`<h2 tabindex="-1">Rules</h2>
    ${shares()}
    <div></div>`.text;
  return showMatrix(root.lastElementChild as HTMLElement, {
    view: 'rules',
    caption: 'Conformance matrix: rules by section, and what each implementation does',
    noun: 'rule',
    none: 'no case',
    rows: rules.map(matrixRow),
    sections: rules.map(({ rule }) => sectionOf(rule)),
    iuts,
  });
}

/** What a rule is, what it asks, and every case that covers it. */
export function rulePage(root: HTMLElement, id: string): void {
  const row = rules.find(({ rule }) => inAddress(rule.id) === inAddress(id));
  if (row === undefined) {
    root.innerHTML = html`<h2 tabindex="-1">No rule ${id} in this report</h2>
      <p><a href="#rules">All rules</a></p>`.text;
    return;
  }
  const { rule } = row;
  const covering = [...row.cells.values()].flatMap((cell) => cell.results);
  const { rfc, section } = sectionOf(rule);
  const link = `https://www.rfc-editor.org/rfc/rfc${rfc}${section === '' ? '' : `#section-${section}`}`;
  root.innerHTML = html`<p class="crumbs"><a href="#rules">Rules</a></p>
    <h2 tabindex="-1">${rule.id}: ${rule.feature}</h2>
    <p class="facts">
      <span class="badge">${keyword(rule)}</span>
      ${/^\d+$/.test(rfc) ? html`<a href="${link}" rel="noreferrer">${sectionName({ rfc, section })}</a>` : sectionName({ rfc, section })}
    </p>
    ${iuts.map((iut) => html`<p>${iut}: ${cellBadge(row, iut)}</p>`)}${
      rule.how === undefined
        ? ''
        : html`<h3>How it is seen</h3>
            <p>${rule.how}</p>`
    }${rule.notes === undefined ? '' : html`<p class="dim">${rule.notes}</p>`}
    <h3>Cases that cover it</h3>
    ${covering.length === 0 ? html`<p>No case of this run covers this rule.</p>` : caseTable(covering)}`.text;
}

/** Rules of the catalogue without a case, and why where the catalogue says. */
export function uncoveredView(root: HTMLElement): void {
  const open = uncovered(rules);
  const heading = html`<h2 tabindex="-1">Not covered</h2>`;
  if (open.length === 0) {
    const text =
      index.requirements.length === 0
        ? 'This report was made without the catalogue of rules.'
        : 'Every rule of the catalogue has a case in this run.';
    root.innerHTML = html`${heading}
      <p>${text}</p>`.text;
    return;
  }
  root.innerHTML = html`${heading}
    <p>${open.length} of ${rules.length} rules have no case in this run.</p>
    ${OBSERVABLE.map(([kind, title]) => {
      const own = open.filter((rule) => (rule.observable ?? '') === kind);
      if (own.length === 0) return '';
      return html`<h3>${title} (${own.length})</h3>
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Level</th>
              <th scope="col">Section</th>
              <th scope="col">What it asks</th>
            </tr>
          </thead>
          <tbody>
            ${own.map(
              (rule) =>
                html`<tr>
                  <th scope="row"><a href="${ruleHref(rule.id)}">${rule.id}</a></th>
                  <td>${keyword(rule)}</td>
                  <td>${sectionName(sectionOf(rule))}</td>
                  <td>${rule.feature}${openReason(rule.id)}</td>
                </tr>`,
            )}
          </tbody>
        </table>`;
    })}`.text;
}

function openReason(id: string): Content {
  const reason = index.openRules[id];
  return reason !== undefined && html`<br /><span class="small dim">${reason}</span>`;
}

const OBSERVABLE: [string, string][] = [
  ['wire', 'Could be seen from the packets alone'],
  ['wire+app', 'Could be seen from the packets and the application side'],
  ['api-only', 'Shows only at the programming interface'],
  ['host-config', 'Needs settings of the host to be changed'],
  ['no', 'Cannot be judged from outside'],
  ['', 'Not said how it could be seen'],
];

function matrixRow(row: RuleRow<Listed>): MatrixRow {
  const { rule } = row;
  const section = sectionName(sectionOf(rule));
  const covering = [...row.cells.values()].flatMap((cell) => cell.results);
  const words = [
    rule.id,
    rule.feature,
    keyword(rule),
    section,
    ...covering.flatMap(({ id, reason }) => [id, reason ?? '']),
  ];
  return {
    group: sectionTitle(sectionOf(rule)),
    level: countedLevel(rule.level),
    sections: [section],
    text: words.join('\n').toLowerCase(),
    verdicts: new Map([...row.cells].map(([iut, { verdict }]) => [iut, verdict])),
    head: html`<a href="${ruleHref(rule.id)}">${rule.id}</a> <span class="badge">${keyword(rule)}</span
      ><span class="what">${rule.feature}</span>`,
    cells: new Map([...row.cells.keys()].map((iut) => [iut, cellLink(row, iut)])),
  };
}

function cellLink(row: RuleRow<Listed>, iut: string): Markup {
  const cell = row.cells.get(iut);
  const only = cell?.results.length === 1 ? cell.results[0] : undefined;
  const href = only === undefined ? ruleHref(row.rule.id) : caseHref(only.id, iut);
  return html`<a href="${href}">${cellBadge(row, iut)}</a>`;
}

function cellBadge(row: RuleRow<Listed>, iut: string): Markup {
  const cell = row.cells.get(iut);
  if (cell === undefined) return html`<span class="verdict v-none">no case</span>`;
  const same = cell.results.filter(({ verdict }) => verdict === cell.verdict).length;
  const share = cell.results.length === 1 ? '' : ` ${same}/${cell.results.length}`;
  return verdictBadge(cell.verdict, `${cell.verdict}${share}`);
}

function shares(): Markup {
  const byIut = new Map(iuts.map((iut) => [iut, levelShares(rules, iut)]));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rules kept by level">
    <table>
      <caption>
        Rules kept, of those that could be judged
      </caption>
      <thead>
        <tr>
          <th scope="col">Level</th>
          ${iuts.map((iut) => html`<th scope="col">${iut}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${(['MUST', 'SHOULD', 'MAY'] as const).map(
          (level, at) =>
            html`<tr>
              <th scope="row">${level}</th>
              ${iuts.map((iut) => {
                const share = byIut.get(iut)?.[at];
                if (share === undefined) return html`<td></td>`;
                return html`<td>
                  ${share.kept} of ${share.judged}
                  ${share.judged === 0 ? '' : html`<b>${percent(share.kept, share.judged)}</b>`}
                  <span class="dim small">${share.total - share.judged} not judged</span>
                </td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
