/// <reference lib="dom" />
import { duration, dateText } from '../../duration.js';
import { ladderText } from '../../ladder.js';
import { html, type Content, type Markup } from '../../markup.js';
import { timeSequences } from '../../time-sequence.js';
import { caseHref, inAddress, ruleLinks, verdictBadge } from '../badges.js';
import type { CaseDetail, Listed } from '../data.js';
import { unpackPackets } from '../packed-packets.js';
import { commands, download, wireCommands } from './commands.js';
import { showPackets } from './packet-table.js';
import { results, detailOf, sourceOf } from './store.js';
import { showGraph, showLadder } from './wire-figures.js';
import { sourceList } from './source-list.js';

/**
 * All that is known of one result: `#case=ID&iut=NAME`, `run` where a case ran several times. Draws nothing, and returns
 * false, where the reader has gone elsewhere before the details were read.
 */
export async function casePage(
  root: HTMLElement,
  id: string,
  params: Map<string, string>,
  stillWanted: () => boolean,
): Promise<boolean> {
  const same = results.filter((result) => sameInAddress(result.id, id));
  const iut = params.get('iut');
  const runs = same.filter((result) => iut === undefined || sameInAddress(result.iut, iut));
  const run = Number(params.get('run') ?? '1');
  const result = runs[run - 1] ?? runs[0];
  if (result === undefined) {
    root.innerHTML = html`<h2 tabindex="-1">
        No case ${id}${iut === undefined ? '' : ` on ${iut}`} in this report
      </h2>
      ${same.map((other) => html`<p><a href="${caseHref(other.id, other.iut)}">on ${other.iut}</a></p>`)}
      <p><a href="#cases">All cases</a></p>`.text;
    return true;
  }
  const detail = await detailOf(result.detail);
  const source = await sourceOf(detail.source);
  if (!stillWanted()) return false;
  const packets = unpackPackets(detail.packets);
  const wire = {
    packets,
    marks: detail.marks,
    ...(detail.otherFrames ? { otherFrames: detail.otherFrames } : {}),
    ...(detail.failure ? { failure: detail.failure } : {}),
  };
  const graphs = timeSequences(packets);
  root.innerHTML = html`${head(result, same, runs)} ${failure(result, detail)} ${diagnosis(detail)}
    ${
      graphs.length === 0
        ? ''
        : html`<h3>Time-sequence graph</h3>
            ${graphs.map(() => html`<figure class="graph-place"></figure>`)}`
    }
    ${
      packets.length === 0
        ? html`<h3>Packets</h3>
            <p>
              ${detail.packetsLeftOut > 0 ? `The ${detail.packetsLeftOut} packets of this case are not in this file for its size: see the capture.` : 'No packet of this case was captured.'}
            </p>`
        : html`<h3 id="ladder">Ladder</h3>
            <div class="wire with-panel">
              <figure class="scroll ladder-place"></figure>
              <aside class="panel" aria-live="polite" aria-label="Fields of the packet">
                <p class="dim">
                  Point at a packet, or go through the ladder with the arrow keys: its fields stand here.
                </p>
              </aside>
            </div>
            <details>
              <summary>The ladder as text</summary>
              <pre class="scroll" tabindex="0">${ladderText(wire, { width: 100 })}</pre>
            </details>`
    }
    ${
      packets.length === 0
        ? ''
        : html`<h3>Packets</h3>
            <div class="packets-place"></div>
            ${detail.packetsLeftOut > 0 ? html`<p class="dim">${detail.packetsLeftOut} more packets are not in this file for its size: see the capture.</p>` : ''}`
    }
    <h3>Case file</h3>
    <p class="mono dim">${result.file}:${detail.failure?.place.line ?? result.line}</p>
    ${sourceList(source, detail.failure?.place.line)}
    <h3>See it, run it again</h3>
    <p class="small dim">Paths are seen from the folder in which this report was written.</p>
    ${commands(wireCommands(result, detail, source))}
    <p class="capture-place"></p>
    <h3>Output of ${result.iut}</h3>
    ${detail.output === undefined || detail.output === '' ? html`<p class="dim">Nothing was printed.</p>` : html`<pre class="output" tabindex="0">${detail.output}</pre>`}
    ${history(result)}`.text;
  showFailingLine(root);
  const find = (selector: string): HTMLElement | null => root.querySelector(selector);
  const panel = find('.panel');
  const ladder = find('.ladder-place');
  if (ladder && panel) showLadder(ladder, wire, panel);
  for (const [at, place] of [...root.querySelectorAll<HTMLElement>('.graph-place')].entries())
    showGraph(place, graphs[at]!);
  const table = find('.packets-place');
  if (table) showPackets(table, wire, panel);
  void download(find('.capture-place'), result, detail);
  return true;
}

/** A long case file is scrolled, inside its frame, to the line that failed. */
function showFailingLine(root: HTMLElement): void {
  const list = root.querySelector<HTMLElement>('.source');
  const line = root.querySelector<HTMLElement>('.source .failing');
  if (list && line) list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 2;
}

function head(result: Listed, same: Listed[], runs: Listed[]): Markup {
  const others = [
    ...new Map(same.filter(({ iut }) => iut !== result.iut).map((one) => [one.iut, one])).values(),
  ];
  return html`<p class="crumbs"><a href="#cases">Cases</a></p>
    <h2 tabindex="-1">${result.title}</h2>
    <p class="facts">
      ${verdictBadge(result.verdict)} <span>on <b>${result.iut}</b></span>
      <span class="badge">${result.level}</span>
      <span class="badge">${result.family}</span>
      ${result.covers.length === 0 ? '' : html`<span>covers ${ruleLinks(result.covers)}</span>`}
      <span class="mono dim">${result.id}</span> <span class="dim">${duration(result.durationMs)}</span>
      ${result.tries === undefined ? '' : html`<span class="dim">played ${result.tries} times: the machine stood still or the capture went wrong before</span>`}
    </p>
    ${others.length === 0 ? '' : html`<p class="facts"><span class="dim">the same case on</span> ${others.map((one) => html`<a href="${caseHref(one.id, one.iut)}">${one.iut} ${verdictBadge(one.verdict)}</a>`)}</p>`}${runs.length < 2 ? '' : html`<p class="facts"><span class="dim">runs</span> ${runs.map((one, at) => html`<a href="${caseHref(one.id, one.iut)}&run=${at + 1}">${at + 1} ${verdictBadge(one.verdict)}</a>`)}</p>`}
    <p><b>Purpose.</b> ${result.purpose}</p>
    ${
      result.known === undefined
        ? ''
        : html`<div class="callout warn">
            <p>
              <b>Known deviation.</b>
              ${result.known.reason}${result.known.reference === undefined ? '' : html` (${result.known.reference})`}
            </p>
          </div>`
    }`;
}

function failure(result: Listed, detail: CaseDetail): Content {
  const { failure: wrong } = detail;
  if (wrong === undefined) {
    if (result.reason === undefined && result.stage === undefined) return '';
    return html`<div class="callout ${result.verdict === 'fail' ? '' : 'odd'}">
      <p>
        <b>${result.verdict}</b
        >${result.stage === undefined ? '' : html` at ${result.stage}`}${result.reason === undefined ? '' : html`: ${result.reason}`}
      </p>
    </div>`;
  }
  const differing =
    wrong.differences.length === 0
      ? ''
      : html`<div class="scroll" tabindex="0" role="region" aria-label="Fields that differ">
          <table class="differences">
            <caption>
              Fields that differ
            </caption>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Expected</th>
                <th scope="col">Actual</th>
              </tr>
            </thead>
            <tbody>
              ${wrong.differences.map(
                ({ field, expected, actual }) =>
                  html`<tr>
                    <th scope="row">${field}</th>
                    <td>${expected}</td>
                    <td>${actual}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>`;
  return html`<section class="callout ${result.verdict === 'non-strict' ? 'warn' : ''}" aria-label="Failure">
    <p><b>${wrong.requirement}</b></p>
    <table class="differences stack">
      <tbody>
        <tr>
          <th scope="row">expected</th>
          <td>${wrong.expected}</td>
        </tr>
        <tr>
          <th scope="row">actual</th>
          <td>${wrong.actual}${wrong.frame === undefined ? '' : html` (packet ${wrong.frame})`}</td>
        </tr>
      </tbody>
    </table>
    ${differing}
    <details>
      <summary>The whole failure text</summary>
      <pre>${wrong.text}</pre>
    </details>
  </section>`;
}

function diagnosis(detail: CaseDetail): Content {
  return detail.diagnosis.map(
    ({ id, severity, title, frames, explanation, remedy }) =>
      html`<section
        class="callout ${severity === 'error' ? '' : severity === 'warning' ? 'warn' : 'odd'}"
        aria-label="Diagnosis"
      >
        <p>
          <b>${title}</b>
          <span class="badge">${id}</span
          >${frames.length === 0 ? '' : html` <span class="dim">packet${frames.length === 1 ? '' : 's'} ${frames.slice(0, 8).join(', ')}${frames.length > 8 ? ', …' : ''}</span>`}
        </p>
        <p>${explanation}</p>
        ${remedy === undefined ? '' : html`<p><b>Remedy.</b> ${remedy}</p>`}
      </section>`,
  );
}

function history(result: Listed): Content {
  const before = result.history ?? [];
  if (before.length === 0) return '';
  return html`<h3>Earlier runs</h3>
    <ul>
      ${before.map(({ startedAt, verdict }) => html`<li>${dateText(startedAt)}: ${verdictBadge(verdict)}</li>`)}
    </ul>`;
}

function sameInAddress(one: string, other: string): boolean {
  return one === other || inAddress(one) === inAddress(other);
}
