/// <reference lib="dom" />
import { html } from '../../markup.js';
import { unpackPackets } from '../packed-packets.js';
import { casePage } from './case-page.js';
import { casesView } from './cases-view.js';
import { copy } from './commands.js';
import { legendView } from './legend-view.js';
import { currentRoute } from './route.js';
import { rulePage, rulesView, uncoveredView } from './rules-view.js';
import { cellPage, grid, statesView } from './states-view.js';
import { detailOf } from './store.js';
import { setUpTheme } from './theme.js';
import { showLadder } from './wire-figures.js';

interface View {
  name: string;
  title: string;
  /** Fills the section at the first visit; what it returns is called at every later one. */
  show?: (root: HTMLElement) => (() => void) | void;
}

const VIEWS: View[] = [
  { name: 'overview', title: 'Overview', show: showExample },
  { name: 'rules', title: 'Rules', show: rulesView },
  { name: 'cases', title: 'Cases', show: casesView },
  ...(grid === undefined ? [] : [{ name: 'states', title: 'States', show: statesView }]),
  { name: 'uncovered', title: 'Not covered', show: uncoveredView },
  { name: 'legend', title: 'Legend', show: legendView },
];

const main = document.getElementById('main')!;
const title = document.title;
const again = new Map<string, () => void>();
const filled = new Set<string>();

setUpTheme(document.getElementById('theme') as HTMLSelectElement);
document.getElementById('views')!.innerHTML = VIEWS.map(
  ({ name, title: text }) => html`<a href="#${name}" data-view="${name}">${text}</a>`.text,
).join('');
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy]') : null;
  if (button) void copy(button);
});
addEventListener('hashchange', () => void go(true));
void go(false);

async function go(moved: boolean): Promise<void> {
  const hash = location.hash;
  const { view, subject, params } = currentRoute();
  if (view === 'main') return;
  if (view === 'case' || view === 'rule' || view === 'state') {
    const root = section('page');
    if (view === 'rule') rulePage(root, subject);
    else if (view === 'state') cellPage(root, subject, params.get('segment') ?? '');
    else if (!(await casePage(root, subject, params, () => location.hash === hash))) return;
    reveal('page', `${view}s`, moved);
    return;
  }
  const known = VIEWS.find(({ name }) => name === view) ?? VIEWS[0]!;
  const root = section(known.name);
  // Shown before it is filled: figures take the width that they have.
  for (const other of main.querySelectorAll<HTMLElement>('section[data-view]')) other.hidden = other !== root;
  if (filled.has(known.name)) again.get(known.name)?.();
  else {
    filled.add(known.name);
    const update = known.show?.(root);
    if (update) again.set(known.name, update);
  }
  reveal(known.name, known.name, moved);
}

function section(name: string): HTMLElement {
  const known = document.getElementById(`view-${name}`);
  if (known) return known;
  const fresh = document.createElement('section');
  fresh.id = `view-${name}`;
  fresh.dataset['view'] = name;
  main.append(fresh);
  return fresh;
}

function reveal(name: string, current: string, moved: boolean): void {
  for (const other of main.querySelectorAll<HTMLElement>('section[data-view]'))
    other.hidden = other.id !== `view-${name}`;
  for (const link of document.querySelectorAll<HTMLElement>('#views a')) {
    if (link.dataset['view'] === current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  // What is shown, for whoever has to wait until it is: a case's details are read when it is opened.
  main.dataset['shown'] = location.hash;
  const heading = section(name).querySelector('h2');
  document.title = name === 'overview' ? title : `${heading?.textContent ?? ''} · ${title}`;
  if (!moved) return;
  scrollTo(0, 0);
  heading?.focus({ preventScroll: true });
}

/** The ladder of the overview, drawn again in the width there is. */
function showExample(root: HTMLElement): void {
  const place = root.querySelector<HTMLElement>('[data-ladder]');
  if (place === null) return;
  void detailOf(Number(place.dataset['ladder'])).then((detail) => {
    const { marks, failure, otherFrames } = detail;
    const packets = unpackPackets(detail.packets);
    showLadder(
      place,
      { packets, marks, ...(failure ? { failure } : {}), ...(otherFrames ? { otherFrames } : {}) },
      null,
    );
  });
}
