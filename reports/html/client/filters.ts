/// <reference lib="dom" />
import type { Verdict } from '../../../harness/match/verdict.js';
import { html, type Markup } from '../../markup.js';
import { compareSections, sectionName, type Section } from '../../requirements.js';
import { sectionTitle } from '../../section-titles.js';
import { VERDICTS } from '../../verdicts.js';

/** What the reader wants to see; an empty text wants everything. */
export interface Filter {
  verdict: string;
  level: string;
  section: string;
  iut: string;
  q: string;
}

export interface Filtered {
  level: string;
  sections: string[];
  /** Lower case: all that the text filter looks at. */
  text: string;
  verdicts: Map<string, Verdict>;
}

const NAMES: (keyof Filter)[] = ['verdict', 'level', 'section', 'iut', 'q'];

export function filterFrom(params: Map<string, string>): Filter {
  const value = (name: string): string => params.get(name) ?? '';
  return {
    verdict: value('verdict'),
    level: value('level'),
    section: value('section'),
    iut: value('iut'),
    q: value('q'),
  };
}

export function filterParams(filter: Filter): [string, string][] {
  return NAMES.map((name) => [name, filter[name]]);
}

export function admits(filter: Filter, row: Filtered): boolean {
  if (filter.level !== '' && row.level !== filter.level) return false;
  if (filter.section !== '' && !row.sections.includes(filter.section)) return false;
  if (filter.q !== '' && !words(filter.q).every((word) => row.text.includes(word))) return false;
  if (filter.verdict === '') return true;
  if (filter.iut !== '') return (row.verdicts.get(filter.iut) ?? 'none') === filter.verdict;
  if (filter.verdict === 'none') return row.verdicts.size === 0;
  return [...row.verdicts.values()].some((verdict) => verdict === filter.verdict);
}

export function filterBar(filter: Filter, sections: Section[], iuts: string[], none: string): Markup {
  const unique = [...new Map(sections.map((section) => [sectionName(section), section])).values()].sort(
    compareSections,
  );
  const verdicts: [string, string][] = [
    ...VERDICTS.map((name): [string, string] => [name, name]),
    ['none', none],
  ];
  return html`<form class="filters" role="search" aria-label="Filters">
    <label class="text"
      >Text
      <input type="search" name="q" value="${filter.q}" placeholder="rule, case, title, reason" /></label
    >${select('verdict', 'Verdict', verdicts, filter.verdict)}${select(
      'level',
      'Level',
      ['MUST', 'SHOULD', 'MAY'].map((name) => [name, name]),
      filter.level,
    )}${select(
      'section',
      'Section',
      unique.map((one) => [sectionName(one), sectionTitle(one)]),
      filter.section,
    )}${select(
      'iut',
      'Implementation',
      iuts.map((name) => [name, name]),
      filter.iut,
    )}<button type="reset">Clear</button>
  </form>`;
}

/** What the form says now. */
export function readFilter(form: HTMLFormElement): Filter {
  const data = new FormData(form);
  const value = (name: string): string => {
    const entry = data.get(name);
    return typeof entry === 'string' ? entry : '';
  };
  return {
    verdict: value('verdict'),
    level: value('level'),
    section: value('section'),
    iut: value('iut'),
    q: value('q'),
  };
}

function select(name: string, label: string, options: [string, string][], chosen: string): Markup {
  return html`<label
    >${label}
    <select name="${name}">
      <option value="">all</option>
      ${options.map(([value, text]) => (value === chosen ? html`<option value="${value}" selected>${text}</option>` : html`<option value="${value}">${text}</option>`))}
    </select></label
  >`;
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
