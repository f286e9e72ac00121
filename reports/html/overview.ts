import type { Change, Comparison } from '../compare.js';
import { dateText } from '../duration.js';
import { html, Markup, type Content } from '../markup.js';
import { countedLevel } from '../requirements.js';
import { levelShares, percent, ruleTable, uncovered, type LevelShare, type RuleRow } from '../rules.js';
import { countVerdicts, VERDICTS } from '../verdicts.js';
import { caseHref, inAddress, ruleLinks, verdictBadge } from './badges.js';
import type { Listed, ReportIndex } from './data.js';

/** Rows of a list in the overview; the views have all. */
const MOST = 30;

/** The ladder that stands for the run: drawn here once, and again by the page in the width that it has. */
export interface Example {
  svg: string;
  detail: number;
}

/** What a reader sees first: which stack, which rules kept, which broken, since when, and what the wire looked like. */
export function overview(results: Listed[], index: ReportIndex, example?: Example): Markup {
  const rows = ruleTable(results, index.requirements);
  const { exit, text } = index.exit;
  return html`<h2 class="sr" tabindex="-1">Overview</h2>
    <p class="exit ${exit === 0 ? 'ok' : 'bad'}">
      ${exit === 0 ? '✓' : '✗'} ${sentence(text)} <span class="small">(exit status ${exit})</span>
    </p>
    <div class="cards">${index.implementations.map((iut) => card(iut, results, rows))}</div>
    ${broken(results)} ${example === undefined ? '' : wire(results[example.detail], example)}
    ${index.comparison === undefined ? firstRun(results) : compared(index.comparison)} ${deviations(index)}
    ${notCovered(rows)}`;
}

function card(
  iut: ReportIndex['implementations'][number],
  results: Listed[],
  rows: RuleRow<Listed>[],
): Markup {
  const own = results.filter((result) => result.iut === iut.name);
  const counts = countVerdicts(own);
  const shares = levelShares(rows, iut.name);
  const { text, kind } = headline(shares, own, knownBroken(rows, iut.name));
  return html`<section class="card ${kind}" aria-label="${iut.name}">
    <h3>${iut.name}</h3>
    <p class="small dim">${iut.title}${iut.attach === '' ? '' : `, ${iut.attach}`}</p>
    <p class="head">${text}</p>
    <dl>${shares.filter(({ total }) => total > 0).map(shareLine)}</dl>
    <p class="chips">
      ${VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => html`<a href="#cases&iut=${inAddress(iut.name)}&verdict=${verdict}">${verdictBadge(verdict, `${counts[verdict]} ${verdict}`)}</a>`)}
    </p>
  </section>`;
}

function headline(shares: LevelShare[], own: Listed[], known: number): { text: string; kind: string } {
  const must = shares[0]!;
  if (own.length === 0) return { text: 'not run', kind: 'open' };
  if (must.broken > 0) {
    const remark = known === 0 ? '' : `, ${known} of them as listed`;
    return { text: `${count(must.broken, 'MUST rule')} broken${remark}`, kind: 'bad' };
  }
  if (own.some(({ verdict }) => verdict === 'fail')) {
    const failing = own.filter(({ verdict }) => verdict === 'fail').length;
    return { text: `${count(failing, 'case')} failed`, kind: 'bad' };
  }
  if (must.judged === 0) return { text: 'no MUST rule judged', kind: 'open' };
  return { text: `every MUST rule judged is kept (${must.judged} of ${must.total})`, kind: 'ok' };
}

/** MUST rules that only known deviations break. */
function knownBroken(rows: RuleRow<Listed>[], iut: string): number {
  return rows.filter(({ rule, cells }) => {
    const failing = cells.get(iut)?.results.filter(({ verdict }) => verdict === 'fail') ?? [];
    return countedLevel(rule.level) === 'MUST' && failing.length > 0 && failing.every(({ known }) => known);
  }).length;
}

function shareLine({ level, kept, judged, broken: wrong, total }: LevelShare): Markup {
  const part = (value: number): number => (total === 0 ? 0 : Math.round((value / total) * 1000) / 10);
  return html`<dt>${level}</dt>
    <dd>
      ${kept} of ${judged} kept${judged === 0 ? '' : ` (${percent(kept, judged)})`}<span class="dim small">
        · ${total - judged} of ${total} not judged</span
      ><svg class="bar" aria-hidden="true" viewBox="0 0 100 7" preserveAspectRatio="none">
        <rect class="t" width="100" height="7" />
        <rect class="k" width="${part(kept)}" height="7" />
        <rect class="${level === 'MUST' ? 'b' : 'n'}" x="${part(kept)}" width="${part(wrong)}" height="7" />
      </svg>
    </dd>`;
}

function broken(results: Listed[]): Markup {
  const wrong = results.filter(({ verdict, unexpected }) => unexpected || verdict === 'fail');
  const isListed = ({ unexpected, known }: Listed): boolean => !unexpected && known !== undefined;
  const fresh = wrong.filter((result) => !isListed(result));
  const listed = wrong.filter(isListed);
  const one = fresh.length === 1;
  const caption = `${count(fresh.length, 'result')} that ${one ? 'breaks' : 'break'} a rule or ${one ? 'fails' : 'fail'} the run`;
  return html`<h2>What is broken</h2>
    ${
      fresh.length > 0
        ? brokenTable(fresh, caption)
        : listed.length > 0
          ? html`<p>Nothing that is not listed as a known deviation.</p>`
          : html`<p>Nothing: no rule is broken and nothing else fails the run.</p>`
    }${
      listed.length > 0 &&
      html`<details>
        <summary>${count(listed.length, 'result')} more, known deviations</summary>
        ${brokenTable(listed, 'Rules broken as the implementation’s list says')}
      </details>`
    }`;
}

function brokenTable(wrong: Listed[], caption: string): Markup {
  const rows = twinsOf([...wrong].sort((a, b) => Number(b.unexpected) - Number(a.unexpected)));
  return html`<table class="stack broken">
    <caption>
      ${caption}${rows.length > MOST ? html`; the first ${MOST} here, <a href="#cases&verdict=fail">all of them under Cases</a>` : ''}
    </caption>
    <thead>
      <tr>
        <th scope="col">Case</th>
        <th scope="col">Implementation</th>
        <th scope="col">Rules</th>
        <th scope="col">What was seen</th>
        <th scope="col">Since</th>
      </tr>
    </thead>
    <tbody>
      ${rows.slice(0, MOST).map(brokenRow)}
    </tbody>
  </table>`;
}

/** Results of one case on one implementation that went wrong alike in both families: they take one row. */
function twinsOf(wrong: Listed[]): Listed[][] {
  const rows = new Map<string, Listed[]>();
  for (const result of wrong) {
    const { id, iut, verdict, unexpected } = result;
    const key = JSON.stringify([id.replace(/@ipv6$/, ''), iut, verdict, unexpected]);
    const row = rows.get(key);
    if (row) row.push(result);
    else rows.set(key, [result]);
  }
  return [...rows.values()];
}

/** Which families a row is about, where that is not IPv4 alone. */
function families([first, ...others]: Listed[]): Content {
  const more = others.map(
    ({ id, iut, family }) => html` <a class="badge" href="${caseHref(id, iut)}">and ${NAMES[family]}</a>`,
  );
  return first?.family === 'ipv6' ? html` <span class="badge">${NAMES.ipv6}</span>${more}` : more;
}

const NAMES = { ipv4: 'IPv4', ipv6: 'IPv6' };

function brokenRow(row: Listed[]): Markup {
  const result = row[0]!;
  const remark = result.known === undefined ? '' : html` <span class="badge">known deviation</span>`;
  return html`<tr>
    <th scope="row">
      ${verdictBadge(result.verdict)}
      <a href="${caseHref(result.id, result.iut)}">${result.title}</a>${families(row)}${remark}
    </th>
    <td>${result.iut}</td>
    <td>${result.covers.length === 0 ? '–' : ruleLinks(result.covers)}</td>
    <td class="mono">${result.brief ?? result.reason ?? '–'}</td>
    <td>${sinceText(result)}</td>
  </tr>`;
}

/** Since which run the verdict has been the same. */
export function sinceText(result: Pick<Listed, 'since' | 'history'>): Content {
  if (result.since === undefined) return '–';
  const before = result.history?.length ?? 0;
  if (before === 0) return 'first run';
  return html`<time datetime="${result.since}">${dateText(result.since)}</time>`;
}

function wire(result: Listed | undefined, { svg, detail }: Example): Markup {
  if (result === undefined) return html``;
  return html`<h2>What the wire looked like</h2>
    <p>
      ${verdictBadge(result.verdict)} <a href="${caseHref(result.id, result.iut)}">${result.title}</a> on
      ${result.iut}
    </p>
    <figure class="scroll" data-ladder="${detail}">${new Markup(svg)}</figure>`;
}

function compared(comparison: Comparison): Markup {
  const { newFailures, fixed, flaky, stillFailing, added, removed } = comparison;
  const numbers = [
    count(newFailures.length, 'new failure'),
    `${fixed.length} fixed`,
    `${flaky.length} flaky`,
    `${stillFailing} still failing`,
    ...(added > 0 ? [`${added} not in the earlier run`] : []),
    ...(removed > 0 ? [`${removed} only in the earlier run`] : []),
  ];
  return html`<h2>Compared with the run of ${dateText(comparison.earlier)}</h2>
    <p>${numbers.join(', ')}.</p>
    ${changes('New failures', newFailures)}${changes('Fixed', fixed)}${flakyList(flaky)}`;
}

function firstRun(results: Listed[]): Markup {
  if (results.some(({ history }) => (history?.length ?? 0) > 0)) return html``;
  return html`<h2>Compared with earlier runs</h2>
    <p class="dim">No earlier results file was given: “since when” begins with this run.</p>`;
}

function changes(title: string, list: Change[]): Content {
  if (list.length === 0) return '';
  const items = list
    .slice(0, MOST)
    .map(
      ({ id, iut, before, now }) =>
        html`<li>
          <a href="${caseHref(id, iut)}">${id}</a> on ${iut}:
          ${before === undefined ? 'new case' : verdictBadge(before)} → ${verdictBadge(now)}
        </li>`,
    );
  return html`<h3>${title}</h3>
    <ul>
      ${items}${more(list.length)}
    </ul>`;
}

function flakyList(list: Comparison['flaky']): Content {
  if (list.length === 0) return '';
  const items = list
    .slice(0, MOST)
    .map(
      ({ id, iut, verdicts }) =>
        html`<li><a href="${caseHref(id, iut)}">${id}</a> on ${iut}: ${verdicts.join(', ')}</li>`,
    );
  return html`<h3>Flaky</h3>
    <p class="dim">The verdict went to and fro over the runs known.</p>
    <ul>
      ${items}${more(list.length)}
    </ul>`;
}

function more(length: number): Content {
  return length > MOST && html`<li>and ${length - MOST} more</li>`;
}

function deviations(index: ReportIndex): Markup {
  const all = index.implementations.flatMap(({ name, deviations: own }) =>
    own.map((one) => ({ name, ...one })),
  );
  if (all.length === 0)
    return html`<h2>Known deviations</h2>
      <p class="dim">None is listed for these implementations.</p>`;
  return html`<h2>Known deviations</h2>
    <table class="stack">
      <caption>
        Listed in the descriptors; one that stops deviating fails the run
      </caption>
      <thead>
        <tr>
          <th scope="col">Implementation</th>
          <th scope="col">Case</th>
          <th scope="col">Reason</th>
          <th scope="col">Reference</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          (one) =>
            html`<tr>
              <th scope="row">${one.name}</th>
              <td><a href="${caseHref(one.case, one.name)}">${one.case}</a></td>
              <td>${one.reason}</td>
              <td>${one.reference ?? '–'}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function notCovered(rows: RuleRow[]): Content {
  const open = uncovered(rows);
  if (open.length === 0) return '';
  return html`<h2>What was not covered</h2>
    <p>
      ${count(open.length, 'rule')} of the catalogue ${open.length === 1 ? 'has' : 'have'} no case in this
      run: <a href="#uncovered">which, and why</a>.
    </p>`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
