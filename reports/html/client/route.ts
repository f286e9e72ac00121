/// <reference lib="dom" />
import { inAddress } from '../badges.js';

/** Where the reader is: `#rules&verdict=fail` or `#case=echo&iut=linux`. */
export interface Route {
  view: string;
  /** What the view is about: the case or the rule. */
  subject: string;
  params: Map<string, string>;
}

export function currentRoute(): Route {
  return parseRoute(location.hash);
}

export function parseRoute(hash: string): Route {
  const [first = '', ...rest] = hash.replace(/^#/, '').split('&');
  const [view, subject] = pair(first);
  return { view: view === '' ? 'overview' : view, subject, params: new Map(rest.map(pair)) };
}

export function routeHash(view: string, params: Iterable<[string, string]>): string {
  const set = [...params].filter(([, value]) => value !== '');
  return `#${[view, ...set.map(([name, value]) => `${name}=${inAddress(value)}`)].join('&')}`;
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [decoded(text), ''] : [decoded(text.slice(0, at)), decoded(text.slice(at + 1))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
