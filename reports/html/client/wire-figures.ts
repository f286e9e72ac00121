/// <reference lib="dom" />
import { ladderSvg } from '../../ladder-svg.js';
import { html } from '../../markup.js';
import { describe, timeSequenceSvg } from '../../time-sequence-svg.js';
import type { TimeSequence } from '../../time-sequence.js';
import { packetFields } from '../../wire/fields.js';
import { infoLine } from '../../wire/info.js';
import { bareLine, type LadderInput } from '../../wire/ladder-rows.js';

/** Draws the ladder in the width there is, and again when that changes; arrow keys go from rung to rung. */
export function showLadder(place: HTMLElement, input: LadderInput, panel: HTMLElement | null): void {
  fitted(place, (width) => ladderSvg(input, { width }));
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

export function showGraph(place: HTMLElement, graph: TimeSequence): void {
  fitted(place, (width) =>
    timeSequenceSvg(graph, { width, height: Math.max(260, Math.min(420, width * 0.55)) }),
  );
  place.insertAdjacentHTML(
    'beforeend',
    html`<figcaption class="small dim">${describe(graph)}</figcaption>`.text,
  );
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
  const wanted =
    input.failure?.frame === packet.frame && expected !== ''
      ? html`<p><b>Expected</b> <span class="mono">${expected}</span></p>`
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

function fitted(place: HTMLElement, draw: (width: number) => string): void {
  let drawn = 0;
  const redraw = (): void => {
    const width = Math.max(280, Math.floor(place.clientWidth));
    if (width === drawn) return;
    drawn = width;
    const old = place.querySelector('svg');
    const fresh = document.createRange().createContextualFragment(draw(width));
    if (old) old.replaceWith(fresh);
    else place.prepend(fresh);
  };
  redraw();
  new ResizeObserver(redraw).observe(place);
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
