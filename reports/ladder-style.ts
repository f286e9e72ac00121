/**
 * How a ladder and a time-sequence graph look, in terms of the page's variables; a file of its own gets the fallbacks,
 * which follow the reader's colour scheme.
 */
export const LADDER_STYLE = `
.ladder,.tsg{--l-paper:var(--paper,#fff);--l-ink:var(--ink,#1b1f24);--l-dim:var(--dim,#59626d);--l-bad:var(--bad,#b3261e);--l-expect:var(--expect,#8a5a00);--l-good:var(--good,#1a7f37);--l-rule:var(--rule,#d5dae0);--l-ack:var(--ack,#1a7f37);--l-win:var(--win,#9a6700);--l-sack:var(--sack,#8250df);--l-wash:var(--wash-bad,#fdecea)}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]) .ladder,:root:not([data-theme=light]) .tsg,svg:root.ladder,svg:root.tsg{--l-paper:var(--paper,#14181d);--l-ink:var(--ink,#e6e9ed);--l-dim:var(--dim,#9aa5b1);--l-bad:var(--bad,#ff8a80);--l-expect:var(--expect,#f2b84b);--l-good:var(--good,#57c26e);--l-rule:var(--rule,#333b45);--l-ack:var(--ack,#57c26e);--l-win:var(--win,#f2cc60);--l-sack:var(--sack,#c297ff);--l-wash:var(--wash-bad,#3a1d1c)}}
.ladder text,.tsg text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--l-ink)}
svg:root{background:var(--l-paper)}
.ladder .small,.tsg .small{font-size:11px;fill:var(--l-dim)}
.ladder .end{font-weight:700}
.ladder .right,.tsg .right{text-anchor:end}
.ladder .middle,.tsg .middle{text-anchor:middle}
.ladder .life{stroke:var(--l-dim);stroke-width:1.5}
.ladder .shaft{stroke:var(--l-ink);stroke-width:1.3}
.ladder .other .shaft{stroke:var(--l-dim);stroke-dasharray:1 4}
.ladder .tip{fill:var(--l-ink)}
.ladder .hit{fill:transparent}
.ladder .sign{fill:var(--l-dim)}
.ladder .expected>.sign,.ladder .expected .sign{fill:var(--l-good)}
.ladder .ghost{stroke:var(--l-expect);stroke-width:1.5;stroke-dasharray:5 4}
.ladder .rung:focus{outline:none}
.ladder .rung:hover .hit,.ladder .rung:focus .hit{fill:var(--l-rule);fill-opacity:.45}
.ladder .rung:focus-visible .hit{stroke:var(--focus,#0969da);stroke-width:2}
.ladder .wrong .hit{fill:var(--l-wash)}
.ladder .wrong .shaft,.ladder .odd .shaft,.ladder .cross{stroke:var(--l-bad);stroke-width:2.6;fill:none}
.ladder .wrong .tip,.ladder .wrong text,.ladder .wrong .sign,.ladder .odd .tip,.ladder .odd .sign{fill:var(--l-bad)}
.ladder .wrong .line,.ladder .wrong .sign{font-weight:700}
.ladder .odd .shaft{stroke-width:1.3}
.ladder .expected .ghost{stroke:var(--l-expect)}
.ladder .wrong .expected text,.ladder .gap text{fill:var(--l-expect)}
.ladder .wrong .expected .tip,.ladder .gap .tip{fill:var(--l-expect)}
.tsg .axis{stroke:var(--l-dim);stroke-width:1;fill:none}
.tsg .grid{stroke:var(--l-rule);stroke-width:1;fill:none}
.tsg .seg{stroke:var(--l-ink);stroke-width:1.2;fill:none}
.tsg .again{stroke:var(--l-bad);stroke-width:2.2;fill:none}
.tsg .acks{stroke:var(--l-ack);stroke-width:1.4;fill:none}
.tsg .wins{stroke:var(--l-win);stroke-width:1.4;fill:none;stroke-dasharray:6 3}
.tsg .sacks{stroke:var(--l-sack);stroke-width:3;fill:none}
@media print{.ladder .rung:hover .hit{fill:transparent}}
`.trim();
