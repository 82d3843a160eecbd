import { useSyncExternalStore } from 'react';

/** What the visitor chose; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const order: readonly Theme[] = ['auto', 'light', 'dark'];
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return order.find((one) => one === theme) ?? 'auto';
}

function effective(): 'light' | 'dark' {
  const theme = chosen();
  if (theme !== 'auto') return theme;
  return systemDark.matches ? 'dark' : 'light';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  systemDark.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    systemDark.removeEventListener('change', listener);
  };
}

/** The chosen theme. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen);
}

/** What is shown; canvases draw with its colours. */
export function useEffectiveTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, effective);
}

/** Goes on to the next theme and remembers it. */
export function nextTheme(): void {
  const theme = order[(order.indexOf(chosen()) + 1) % order.length] ?? 'auto';
  document.documentElement.dataset.theme = theme;
  localStorage.setItem('theme', theme);
  for (const listener of listeners) listener();
}
