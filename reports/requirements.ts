/** One rule of the catalogue (expectations/requirements/*.yaml) as reports use it. */
export interface Requirement {
  id: string;
  /** Number of the RFC, 9293 where the catalogue does not say. */
  rfc?: number | string | undefined;
  /** MUST, SHOULD, MAY, or REC for guidance without a keyword of RFC 2119. */
  level: string;
  /** True for a MUST NOT or SHOULD NOT. */
  neg?: boolean | undefined;
  section: string;
  feature: string;
  /** wire, wire+app, api-only, host-config, no. */
  observable?: string | undefined;
  how?: string | undefined;
  notes?: string | undefined;
}

/** `RFC 9293 3.10.7.4`: what rules are grouped by. */
export interface Section {
  rfc: string;
  section: string;
}

/** The keyword a reader knows: `MUST NOT`, `SHOULD`. */
export function keyword(rule: Pick<Requirement, 'level' | 'neg'>): string {
  return rule.neg === true ? `${rule.level} NOT` : rule.level;
}

/** The level that rule counts under: guidance and RECOMMENDED count as SHOULD (RFC 2119 section 3). */
export function countedLevel(level: string): 'MUST' | 'SHOULD' | 'MAY' {
  if (level === 'MUST') return 'MUST';
  return level === 'MAY' ? 'MAY' : 'SHOULD';
}

export function sectionOf(rule: Pick<Requirement, 'rfc' | 'section'>): Section {
  return { rfc: String(rule.rfc ?? 9293).replace(/^RFC\s*/i, ''), section: rule.section };
}

export function sectionName({ rfc, section }: Section): string {
  if (rfc === '') return 'Outside the catalogue';
  return section === '' ? `RFC ${rfc}` : `RFC ${rfc} section ${section}`;
}

/** RFC 9293 first, then by number; sections by their numbers; what is in no RFC last. */
export function compareSections(a: Section, b: Section): number {
  const rank = ({ rfc }: Section): number =>
    rfc === '9293' ? 0 : rfc === '' ? Infinity : Number(rfc) || 1e9;
  if (a.rfc !== b.rfc) return rank(a) - rank(b) || (a.rfc < b.rfc ? -1 : 1);
  return compareNumbered(a.section, b.section);
}

/** Order of texts that end in or consist of numbers: `MUST-2` before `MUST-10`, `3.9` before `3.10`. */
export function compareNumbered(a: string, b: string): number {
  const [left, right] = [pieces(a), pieces(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index] ?? '', right[index] ?? ''];
    if (one === other) continue;
    const [n, m] = [Number(one), Number(other)];
    if (one !== '' && other !== '' && !Number.isNaN(n) && !Number.isNaN(m)) return n - m;
    return one < other ? -1 : 1;
  }
  return 0;
}

/**
 * A rule that a case covers but the catalogue does not list: RFC and section are read from ids such as `R5961-3.2` and `MUST-2` (RFC 9293's own);
 * the level is what the case says.
 */
export function uncataloguedRule(id: string, level: string, title: string): Requirement {
  if (/^(?:MUST|SHLD|MAY|REC)-\d+$/.test(id)) return { id, rfc: 9293, section: '', level, feature: title };
  const match = /^(?:R|RFC)?(\d{3,5})-(\d+(?:\.\d+)*)/i.exec(id);
  return { id, rfc: match?.[1] ?? '', section: match?.[2] ?? '', level, feature: title };
}

/**
 * The rules that an entry of `covers` names: one by its id, or every rule of a section and its subsections (`R9293-3.5`).
 * Empty where the catalogue has none.
 */
export function rulesNamed(entry: string, catalogue: readonly Requirement[]): Requirement[] {
  const exact = catalogue.filter(({ id }) => id === entry);
  const named = /^R(?:FC)?(\d+)-([\d.]+)$/.exec(entry);
  if (exact.length > 0 || named === null) return exact;
  const [, rfc, number] = named;
  return catalogue.filter((rule) => {
    const own = sectionOf(rule);
    return own.rfc === rfc && (own.section === number || own.section.startsWith(`${number}.`));
  });
}

function pieces(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}
