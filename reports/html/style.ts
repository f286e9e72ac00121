import { LADDER_STYLE } from '../ladder-style.js';
import { WIRESHARK_COLOURS } from '../wire/colours.js';

const LIGHT = `--paper:#fff;--raised:#f6f8fa;--ink:#1b1f24;--dim:#59626d;--rule:#d5dae0;--link:#0550ae;--focus:#0969da;
--good:#116329;--bad:#b3261e;--warn:#7d4e00;--odd:#6639ba;--expect:#8a5a00;--wash-good:#e6f6ea;--wash-bad:#fdecea;--wash-warn:#fff4d6;--wash-odd:#f3ecff;--wash-dim:#eef1f4;
--ack:#1a7f37;--win:#9a6700;--sack:#8250df;color-scheme:light`;

const DARK = `--paper:#14181d;--raised:#1c2229;--ink:#e6e9ed;--dim:#a3adb8;--rule:#38414b;--link:#79b8ff;--focus:#58a6ff;
--good:#6fd487;--bad:#ff9a91;--warn:#f2c665;--odd:#cdb0ff;--expect:#f2b84b;--wash-good:#153221;--wash-bad:#3f1d1b;--wash-warn:#372b0d;--wash-odd:#2b2140;--wash-dim:#262d35;
--ack:#57c26e;--win:#f2cc60;--sack:#c297ff;color-scheme:dark`;

const WIRESHARK = Object.entries(WIRESHARK_COLOURS)
  .map(
    ([name, { background, text }]) =>
      `.w-${name}{background:${background};color:${text}}.w-${name} a{color:inherit}`,
  )
  .join('\n');

/** The page's style sheet. Colours are variables, light and dark; every verdict has a sign and a word beside its colour. */
export const PAGE_STYLE = `
:root{${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${DARK}}}
@media screen{:root[data-theme=dark]{${DARK}}}
*{box-sizing:border-box}
html{scroll-padding-top:4rem}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
[hidden]{display:none!important}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
h1,h2,h3{line-height:1.25;margin:0 0 .5rem}
h1{font-size:1.35rem}h2{font-size:1.2rem;margin-top:1.6rem}h3{font-size:1rem;margin-top:1.2rem}
h1:focus,h2:focus{outline:none}
p{margin:.3rem 0 .7rem;max-width:75ch}
code,pre,kbd,.mono{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:0;white-space:pre-wrap;background:var(--raised);border:1px solid var(--rule);border-radius:6px;padding:.6rem .8rem}
button,select,input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--dim);border-radius:6px;padding:.25rem .55rem;max-width:100%}
button{cursor:pointer}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--dim);padding:.2rem 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .55rem;border-bottom:1px solid var(--rule)}
td.mono,dd.mono,code,pre,.facts .mono{overflow-wrap:anywhere}
thead th{font-weight:600;white-space:nowrap;background:var(--paper);border-bottom:2px solid var(--rule)}
tbody th{font-weight:400}
.scroll{overflow-x:auto;max-width:100%;position:relative}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px;top:0;background:var(--paper);padding:.5rem 1rem;z-index:9}.skip:focus{left:0}
.dim{color:var(--dim)}
.small{font-size:.87rem}
header.top{border-bottom:1px solid var(--rule);padding:.8rem 1.2rem .5rem;display:flex;gap:.3rem 1.5rem;flex-wrap:wrap;align-items:baseline}
header.top h1{margin:0}
header.top .grow{flex:1}
nav.views{position:sticky;top:0;z-index:5;background:var(--paper);border-bottom:1px solid var(--rule);padding:0 1.2rem;display:flex;gap:.2rem;overflow-x:auto}
nav.views a{padding:.55rem .7rem;text-decoration:none;color:var(--ink);border-bottom:3px solid transparent;white-space:nowrap}
nav.views a[aria-current]{border-color:var(--link);font-weight:600}
main{padding:1rem 1.2rem 4rem;max-width:1240px;margin:0 auto}
.verdict{display:inline-block;white-space:nowrap;border-radius:5px;padding:0 .45rem;border:1px solid;font-size:.9rem}
.verdict b{font-weight:700;margin-right:.25rem}
.v-pass{color:var(--good);background:var(--wash-good)}
.v-fail{color:var(--bad);background:var(--wash-bad)}
.v-error{color:var(--bad);background:var(--paper);border-style:dashed}
.v-non-strict{color:var(--warn);background:var(--wash-warn)}
.v-inconclusive{color:var(--odd);background:var(--wash-odd)}
.v-unsupported,.v-none{color:var(--dim);background:var(--wash-dim)}
.v-none{border-style:dotted;background:var(--paper)}
.badge{display:inline-block;border:1px solid var(--rule);border-radius:5px;padding:0 .4rem;font-size:.82rem;color:var(--dim);white-space:nowrap}
.exit{padding:.6rem .9rem;border-radius:8px;border:1px solid;max-width:none;font-weight:600}
.exit.ok{color:var(--good);background:var(--wash-good)}.exit.bad{color:var(--bad);background:var(--wash-bad)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:1rem;margin:1rem 0}
.card{border:1px solid var(--rule);border-radius:10px;padding:.9rem 1rem;background:var(--raised)}
.card h3{margin:0;font-size:1.1rem}
.card .head{font-weight:600;margin:.2rem 0 .5rem}
.card.bad .head{color:var(--bad)}.card.ok .head{color:var(--good)}.card.open .head{color:var(--odd)}
.card dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .8rem;margin:.5rem 0 0}
.card dt{font-weight:600}.card dd{margin:0}
.card meter{display:none}
.bar{display:block;height:7px;width:100%;margin-top:2px}
.bar .t{fill:var(--wash-dim)}.bar .k{fill:var(--good)}.bar .b{fill:var(--bad)}.bar .n{fill:var(--warn)}
.chips{display:flex;gap:.35rem;flex-wrap:wrap;margin:.6rem 0 0}
.broken td:nth-of-type(2) a{white-space:nowrap}
.filters{display:flex;flex-wrap:wrap;gap:.5rem .8rem;align-items:end;margin:.6rem 0;padding:.7rem .8rem;background:var(--raised);border:1px solid var(--rule);border-radius:8px}
.filters label{display:flex;flex-direction:column;font-size:.82rem;color:var(--dim);min-width:0}
.filters label>*{color:var(--ink);font-size:.95rem}
.filters .text{flex:1 1 12rem}
.filters select{max-width:17rem}
.matrix td,.matrix thead th+th{text-align:center;width:8.5rem}
.matrix td a{text-decoration:none}
.matrix .what{display:block;color:var(--dim);font-size:.9rem}
.matrix .group th{background:var(--raised);font-weight:600}
.matrix .group td{background:var(--raised)}
.grid th,.grid td{padding:.25rem;text-align:center;font-size:.8rem;border:1px solid var(--rule)}
.grid thead th{vertical-align:bottom;font-weight:400;min-width:3.5rem;white-space:normal;hyphens:auto}
.grid b{margin:0}
.grid tbody th{white-space:nowrap;text-align:left;font-size:.85rem;position:sticky;left:0;background:var(--paper)}
.grid .empty{background:repeating-linear-gradient(45deg,transparent 0 5px,var(--wash-dim) 5px 10px);color:var(--dim)}
.grid a{text-decoration:none;margin:1px;padding:0 .3rem}
.crumbs{margin:0 0 .6rem}
.facts{display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:center;margin:.3rem 0 .8rem}
.callout{border-left:4px solid var(--bad);background:var(--wash-bad);padding:.6rem .9rem;border-radius:0 8px 8px 0;margin:.8rem 0}
.callout.odd{border-color:var(--odd);background:var(--wash-odd)}.callout.warn{border-color:var(--warn);background:var(--wash-warn)}
.callout pre{background:transparent;border:0;padding:0}
.callout p{max-width:none}
.wire{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem}
@media(min-width:1000px){.wire.with-panel{grid-template-columns:minmax(0,1fr) 19rem}}
figure{margin:0}
figure svg{display:block;max-width:100%;height:auto}
.panel{border:1px solid var(--rule);border-radius:8px;background:var(--raised);padding:.7rem .8rem;align-self:start;position:sticky;top:3.4rem}
.panel h3{margin:0 0 .3rem}
.panel dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.1rem .7rem;margin:0;font-size:.85rem}
.panel dt{color:var(--dim)}.panel dd{margin:0}
.packets{font:12.5px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.packets td,.packets th{padding:.12rem .5rem;border-bottom:1px solid var(--rule);white-space:nowrap}
.packets td.n{text-align:right}
.packets tr[aria-selected=true] td{outline:2px solid var(--focus);outline-offset:-2px}
.packets tbody tr{cursor:pointer}
.packets .mark{background:var(--paper);color:var(--ink)}
.source{background:var(--raised);border:1px solid var(--rule);border-radius:6px;padding:.5rem 0;margin:0;list-style:none;overflow:auto;max-height:34rem}
.source li{display:flex;gap:.8rem;padding:0 .8rem;min-height:1.45em}
.source .no{flex:0 0 2.4rem;text-align:right;color:var(--dim);user-select:none}
.source .text{white-space:pre-wrap;overflow-wrap:anywhere}
.source .failing{background:var(--wash-bad);box-shadow:inset 4px 0 var(--bad);font-weight:600}
.source .remark{color:var(--bad);white-space:nowrap;margin-left:auto}
.commands{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:.4rem .7rem;align-items:center;margin:.4rem 0}
.commands code{background:var(--raised);border:1px solid var(--rule);border-radius:5px;padding:.15rem .45rem;white-space:pre-wrap}
.download{display:inline-block;border:1px solid var(--link);border-radius:6px;padding:.25rem .7rem;text-decoration:none}
.legend dt{margin-top:.7rem}.legend dd{margin:.2rem 0 0;max-width:75ch}
.output{max-height:24rem;overflow:auto}
.differences td,.differences th{font-family:ui-monospace,monospace;font-size:13px}
footer{border-top:1px solid var(--rule);padding:1rem 1.2rem;color:var(--dim);font-size:.87rem}
@media(max-width:640px){
body{font-size:14.5px}
main,header.top,nav.views,footer{padding-left:.8rem;padding-right:.8rem}
.matrix td,.matrix thead th+th{width:auto;padding:.35rem .25rem}
.matrix td .word{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.commands{grid-template-columns:minmax(0,1fr) auto}.commands>span{grid-column:1/-1}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:block;border-bottom:1px solid var(--rule);padding:.4rem 0}.stack td,.stack th{display:block;border:0;padding:.1rem 0}
.panel{position:static}
}
@media print{
nav.views,.filters,.copy,.graph-buttons,figure button,.skip,.theme,.crumbs,.panel,.capture-place{display:none!important}
main{max-width:none;padding:0}
.scroll,.source,.output{overflow:visible;max-height:none}
.wire.with-panel{grid-template-columns:minmax(0,1fr)}
.commands{grid-template-columns:auto minmax(0,1fr)}
.packets{font-size:10px}.packets td,.packets th{padding:.1rem .3rem}.packets td:last-child{white-space:normal;overflow-wrap:anywhere}
.packets tr,.verdict,.callout,.source .failing,.empty{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.card,figure,tr,.callout{break-inside:avoid}
a{color:inherit}
}
${WIRESHARK}
${LADDER_STYLE}
`.trim();
