/// <reference lib="dom" />
import type { OtherFrameRow, PacketRow } from '../../../harness/run/results.js';
import { html, type Markup } from '../../markup.js';
import { frameColour, packetColour } from '../../wire/colours.js';
import { infoColumn } from '../../wire/info.js';
import { isWrong, ladderRows, rowRemark, type LadderInput, type LadderRow } from '../../wire/ladder-rows.js';
import { showFields } from './wire-figures.js';

/** Rows drawn at first; a button draws all. */
const FIRST = 200;

/** The packet list as Wireshark shows it: its columns, its colours, with the verdict's mark before each row. */
export function showPackets(place: HTMLElement, input: LadderInput, panel: HTMLElement | null): void {
  const rows = ladderRows(input);
  const draw = (most: number): void => {
    place.innerHTML = html`<div class="scroll" tabindex="0" role="region" aria-label="Packet list">
        <table class="packets">
          <caption class="sr">
            Packets as Wireshark lists them; time in seconds
          </caption>
          <thead>
            <tr>
              <th scope="col"><span class="sr">Mark</span></th>
              <th scope="col">No.</th>
              <th scope="col">Time</th>
              <th scope="col">Source</th>
              <th scope="col">Destination</th>
              <th scope="col">Protocol</th>
              <th scope="col">Length</th>
              <th scope="col">Info</th>
            </tr>
          </thead>
          <tbody>
            ${rows.slice(0, most).map(tableRow)}
          </tbody>
        </table>
      </div>
      ${rows.length > most ? html`<p><button type="button" class="all">Show all ${rows.length} packets</button></p>` : ''}`.text;
    place.querySelector('.all')?.addEventListener('click', () => draw(Infinity));
  };
  place.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('tr[data-row]') : null;
    if (row && panel) showFields(panel, input, row.dataset['row'] ?? '');
  });
  draw(FIRST);
}

function tableRow(row: LadderRow): Markup {
  if (row.kind === 'packet') return packetRow(row.packet, row);
  if (row.kind === 'frame') return otherRow(row.frame);
  if (row.kind === 'gap')
    return html`<tr data-row="gap">
      <td class="mark">✗<span class="sr"> missing</span></td>
      <td></td>
      <td></td>
      <td></td>
      <td></td>
      <td></td>
      <td></td>
      <td><b>missing:</b> ${row.expected}</td>
    </tr>`;
  return html``;
}

function packetRow(packet: PacketRow, row: LadderRow): Markup {
  const remark = rowRemark(row);
  const mark = remark === '' ? '' : html`${isWrong(row) ? '✗' : '·'}<span class="sr"> ${remark}</span>`;
  const length = packet.length ?? '';
  return html`<tr class="w-${packetColour(packet)}" data-row="packet ${packet.frame}">
    <td class="mark">${mark}</td>
    <td class="n">${packet.frame}</td>
    <td class="n">${(packet.timeMs / 1000).toFixed(6)}</td>
    <td>${packet.src}</td>
    <td>${packet.dst}</td>
    <td>TCP</td>
    <td class="n">${length}</td>
    <td>${infoColumn(packet)}</td>
  </tr>`;
}

function otherRow(frame: OtherFrameRow): Markup {
  return html`<tr class="w-${frameColour(frame.protocol, frame.info)}" data-row="frame ${frame.frame}">
    <td class="mark"></td>
    <td class="n">${frame.frame}</td>
    <td class="n">${(frame.timeMs / 1000).toFixed(6)}</td>
    <td>${frame.src}</td>
    <td>${frame.dst}</td>
    <td>${frame.protocol}</td>
    <td class="n">${frame.length ?? ''}</td>
    <td>${frame.info}</td>
  </tr>`;
}
