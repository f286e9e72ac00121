import { printable } from './printable.js';

/** Text that is markup already: made by `html`, or from a constant of this code; never from data. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | false | undefined | null | readonly Content[];

/**
 * A template whose values are text: each is escaped for element content and quoted attributes, and whatever cannot be
 * seen (controls, direction marks) becomes a visible escape. Only what `html` itself made goes in as markup; lists are
 * joined; `false`, `null` and `undefined` are nothing. Attribute values must stand in double quotes.
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '');
  return new Markup(text);
}

export function escapeText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

function render(value: Content): string {
  if (value === false || value === undefined || value === null) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return escapeText(typeof value === 'number' ? String(value) : (value as string));
}

const ENTITIES: Record<string, string | undefined> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
