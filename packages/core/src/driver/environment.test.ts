import { expect, it } from 'vitest';
import { watchEnvironment } from './environment.ts';

class Page extends EventTarget {
  readonly document = { visibilityState: 'visible' };
  readonly navigator = { onLine: true };
}

it('tells what the page says while it is wanted, once for each', () => {
  const page = new Page();
  const news: string[] = [];
  const watch = watchEnvironment((what) => news.push(what), page);
  const say = (...types: string[]): void => {
    for (const type of types) page.dispatchEvent(new Event(type));
  };
  say('online');
  watch(true);
  watch(true);
  say('online', 'offline', 'focus', 'pageshow', 'pagehide', 'visibilitychange', 'freeze', 'resume');
  expect(news).toEqual(['online', 'offline', 'online', 'online', 'frozen', 'online', 'frozen', 'online']);
  watch(false);
  say('online', 'resume');
  expect(news.length).toBe(8);
});

it('does not send a page to dial that is hidden or without network', () => {
  const page = new Page();
  const news: string[] = [];
  watchEnvironment((what) => news.push(what), page)(true);
  page.document.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  page.document.visibilityState = 'visible';
  page.navigator.onLine = false;
  page.dispatchEvent(new Event('focus'));
  expect(news).toEqual([]);
});

it('does nothing where there is no page', () => {
  expect(() => watchEnvironment(() => undefined, {})(true)).not.toThrow();
});
