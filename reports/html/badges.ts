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
  const own = `#case=${inAddress(id)}`;
  return iut === undefined ? own : `${own}&iut=${inAddress(iut)}`;
}

export function ruleHref(id: string): string {
  return `#rule=${inAddress(id)}`;
}

export function ruleLinks(ids: readonly string[]): Markup {
  return html`${ids.map((id, index) => html`${index === 0 ? '' : ', '}<a href="${ruleHref(id)}">${id}</a>`)}`;
}

/** Text as a part of an address; halves of surrogate pairs, which no address can hold, become U+FFFD. */
export function inAddress(text: string): string {
  const whole = text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
  return encodeURIComponent(whole);
}
