/// <reference lib="dom" />

const KEY = 'tcpspec-theme';

/** Light, dark, or what the system says; remembered where the browser lets a file remember. */
export function setUpTheme(select: HTMLSelectElement): void {
  select.value = remembered();
  apply(select.value);
  select.addEventListener('change', () => {
    apply(select.value);
    remember(select.value);
  });
}

function apply(theme: string): void {
  if (theme === '') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A file opened without storage keeps its theme for as long as it is open.
  }
}
