import { expect, it } from 'vitest';
import { watchEnvironment } from './environment.ts';

it('hears what happens to the document, and of focus the window alone', () => {
  const news: string[] = [];
  const watch = watchEnvironment((what) => news.push(what));
  watch(true);
  document.dispatchEvent(new Event('freeze'));
  document.dispatchEvent(new Event('resume'));
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  expect(news).toEqual(['frozen', 'online', 'online']);
  document.body.append(document.createElement('input'));
  document.querySelector('input')?.focus();
  expect(news.length).toBe(3);
  window.dispatchEvent(new Event('focus'));
  expect(news.length).toBe(4);
  watch(false);
  document.dispatchEvent(new Event('freeze'));
  expect(news.length).toBe(4);
});
