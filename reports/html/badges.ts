import type { Verdict } from '../../harness/match/verdict.js';
import { html, type Content, type Markup } from '../markup.js';
import { VERDICT_SIGN } from '../verdicts.js';

/** Sign, word and colour of a verdict; `word` may say more. */
export function verdictBadge(verdict: Verdict, word: Content = verdict): Markup {
  return html`<span class="verdict v-${verdict}"
    ><b aria-hidden="true">${VERDICT_SIGN[verdict]}</b><span class="word">${word}</span></span
  >`;
}

/** Link to a case on an implementation: `#case=ID&iut=NAME`, the same in every report. */
export function caseHref(id: string, iut?: string): string {
  const own = `#case=${encodeURIComponent(id)}`;
  return iut === undefined ? own : `${own}&iut=${encodeURIComponent(iut)}`;
}

export function ruleHref(id: string): string {
  return `#rule=${encodeURIComponent(id)}`;
}

export function ruleLinks(ids: readonly string[]): Markup {
  return html`${ids.map((id, index) => html`${index === 0 ? '' : ', '}<a href="${ruleHref(id)}">${id}</a>`)}`;
}
