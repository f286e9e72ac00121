/// <reference lib="dom" />
import { html } from '../../markup.js';
import { VERDICT_MEANING, VERDICTS } from '../../verdicts.js';
import { verdictBadge } from '../badges.js';

/** What every sign of the report means. */
export function legendView(root: HTMLElement): void {
  root.innerHTML = html`<h2 tabindex="-1">Legend</h2>
    <dl class="legend">
      ${[...VERDICTS].reverse().map(
        (verdict) =>
          html`<dt>${verdictBadge(verdict)}</dt>
            <dd>${VERDICT_MEANING[verdict]}</dd>`,
      )}
    </dl>
    <h3>A rule with several cases</h3>
    <p>
      It is broken where one case fails, open where none fails and one is an error or inconclusive, and kept
      only where every case that ran passes. “3/4” says that three of four cases have the verdict shown.
    </p>
    <h3>Percentages</h3>
    <p>
      Rules kept, of the rules that could be judged (pass, non-strict or fail); rounded down, so that 100 %
      means all. Rules that were not judged are counted beside it and in no percentage. RECOMMENDED and
      guidance without a keyword count as SHOULD.
    </p>
    <h3>Known deviation</h3>
    <p>
      A failure that the descriptor of the implementation lists with its reason. It does not fail the run;
      when it stops deviating, that does.
    </p>
    <h3>Ladder</h3>
    <p>
      Client left, server right, time in milliseconds after the first packet. Sequence and acknowledgement
      numbers count from each side’s ISN, taken from the SYN. ✓ a packet that an expectation took, ✗ the
      packet (or its absence) that decided the verdict, · a packet that nobody judged; dashed: expected, not
      seen. An arrow that ends half-way was lost on the way.
    </p>
    <h3>Packet table</h3>
    <p>Columns and colours are Wireshark’s default ones.</p>
    <h3>Time-sequence graph</h3>
    <p>
      As tcptrace drew it: a bar is a segment, a thick one with R a retransmission, the line below the ACKs,
      the dashed line above the right edge of the receiver’s window, thick strokes are SACK blocks.
    </p>`.text;
}
