/// <reference lib="dom" />
import { ladderSvg } from '../../ladder-svg.js';
import { html } from '../../markup.js';
import { describe, timeSequenceSvg } from '../../time-sequence-svg.js';
import type { TimeSequence } from '../../time-sequence.js';
import { packetFields } from '../../wire/fields.js';
import { infoLine } from '../../wire/info.js';
import { bareLine, type LadderInput } from '../../wire/ladder-rows.js';

/** Rungs drawn at first: what a reader takes in; a button draws more. */
const FIRST = 60;
const MOST = 1000;

/** Draws the ladder in the width there is, and again when that changes; arrow keys go from rung to rung. */
export function showLadder(place: HTMLElement, input: LadderInput, panel: HTMLElement | null): void {
  let maxRows = FIRST;
  const redraw = fitted(place, (width) => ladderSvg(input, { width, maxRows }));
  const count = input.packets.length;
  if (count > FIRST) {
    const text = count > MOST ? `Draw ${MOST} of ${count} packets` : `Draw all ${count} packets`;
    place.insertAdjacentHTML('beforeend', html`<button type="button">${text}</button>`.text);
    place.querySelector('button')!.addEventListener('click', (event) => {
      maxRows = MOST;
      redraw();
      (event.target as HTMLElement).remove();
    });
  }
  place.addEventListener('keydown', (event) => moveFocus(place, event));
  if (panel === null) return;
  const show = (event: Event): void => {
    const rung = event.target instanceof Element ? event.target.closest<SVGElement>('.rung') : null;
    if (rung) showFields(panel, input, rung.dataset['row'] ?? '');
  };
  place.addEventListener('focusin', show);
  place.addEventListener('mouseover', show);
  place.addEventListener('click', show);
}

/** The graph with buttons that show less of it, more, or what stands before and after. */
export function showGraph(place: HTMLElement, graph: TimeSequence): void {
  const ends = [...graph.segments, ...graph.acks].map(({ time }) => time);
  const all = [Math.min(...ends), Math.max(...ends)] as const;
  let [from, to]: readonly [number, number] = all;
  const redraw = fitted(place, (width) =>
    timeSequenceSvg(graph, {
      width,
      height: Math.max(260, Math.min(420, width * 0.55)),
      ...(from === all[0] && to === all[1] ? {} : { times: [from, to] }),
    }),
  );
  const buttons = html`<p class="graph-buttons">
    <button type="button" data-zoom="in">Closer</button>
    <button type="button" data-zoom="out">Farther</button>
    <button type="button" data-zoom="earlier">Earlier</button>
    <button type="button" data-zoom="later">Later</button>
    <button type="button" data-zoom="all">All</button>
  </p>`;
  place.insertAdjacentHTML(
    'beforeend',
    html`${buttons}
      <figcaption class="small dim">${describe(graph)}</figcaption>`.text,
  );
  place.addEventListener('click', (event) => {
    const kind = event.target instanceof HTMLElement ? event.target.dataset['zoom'] : undefined;
    if (kind === undefined) return;
    [from, to] = zoomed(kind, [from, to], all);
    redraw();
  });
}

function zoomed(
  kind: string,
  [from, to]: readonly [number, number],
  all: readonly [number, number],
): [number, number] {
  const span = to - from;
  const size = kind === 'in' ? span / 3 : kind === 'out' ? span * 3 : kind === 'all' ? Infinity : span;
  const shift = kind === 'earlier' ? -span / 2 : kind === 'later' ? span / 2 : 0;
  if (size >= all[1] - all[0]) return [...all];
  const start = (from + to) / 2 + shift - size / 2;
  const kept = Math.min(Math.max(start, all[0]), all[1] - size);
  return [kept, kept + size];
}

/** Fills the panel with every field of the packet that `key` names (`packet 3`), and what was expected of it. */
export function showFields(panel: HTMLElement, input: LadderInput, key: string): void {
  const [kind, number] = key.split(' ');
  const expected = input.failure === undefined ? '' : bareLine(input.failure.expected);
  if (kind === 'gap') {
    panel.innerHTML = html`<h3>Missing packet</h3>
      <p class="mono">${expected}</p>`.text;
    return;
  }
  const packet = kind === 'packet' ? input.packets.find(({ frame }) => frame === Number(number)) : undefined;
  if (packet === undefined) {
    const frame = input.otherFrames?.find((other) => other.frame === Number(number));
    if (frame)
      panel.innerHTML = html`<h3>Frame ${frame.frame}</h3>
        <p>${frame.protocol}: ${frame.info}</p>
        <p class="dim">${frame.src} → ${frame.dst}</p>`.text;
    return;
  }
  const label = input.failure?.kind === 'never' ? 'Must never come' : 'Expected';
  const rule = expected.replace(/^never:\s*/, '');
  const wanted =
    input.failure?.frame === packet.frame && expected !== ''
      ? html`<p><b>${label}</b> <span class="mono">${rule}</span></p>`
      : '';
  panel.innerHTML = html`<h3>Packet ${packet.frame}</h3>
    <p class="mono">${infoLine(packet)}</p>
    ${wanted}
    <dl>
      ${packetFields(packet).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd class="mono">${value}</dd>`,
      )}
    </dl>`.text;
}

/** Draws into a place, again whenever its width changes, and when the returned function is called. */
function fitted(place: HTMLElement, draw: (width: number) => string): () => void {
  let drawn = 0;
  const redraw = (): void => {
    drawn = Math.max(280, Math.floor(place.clientWidth));
    const old = place.querySelector('svg');
    const fresh = document.createRange().createContextualFragment(draw(drawn));
    if (old) old.replaceWith(fresh);
    else place.prepend(fresh);
  };
  redraw();
  new ResizeObserver(() => {
    if (place.clientWidth > 0 && Math.max(280, Math.floor(place.clientWidth)) !== drawn) redraw();
  }).observe(place);
  return redraw;
}

function moveFocus(place: HTMLElement, event: KeyboardEvent): void {
  const step = STEPS[event.key];
  if (step === undefined) return;
  const rungs = [...place.querySelectorAll<SVGElement>('.rung')];
  const at = rungs.findIndex((rung) => rung === document.activeElement);
  if (at === -1) return;
  const next =
    step === -Infinity
      ? 0
      : step === Infinity
        ? rungs.length - 1
        : Math.min(Math.max(at + step, 0), rungs.length - 1);
  event.preventDefault();
  rungs[at]!.setAttribute('tabindex', '-1');
  rungs[next]!.setAttribute('tabindex', '0');
  rungs[next]!.focus();
}

const STEPS: Record<string, number | undefined> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity,
};
