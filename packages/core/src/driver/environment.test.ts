import { expect, it } from 'vitest';
import { watchEnvironment } from './environment.ts';

class Page extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  readonly navigator = { onLine: true };
}

it('tells what the page says, and nothing after it was stopped', () => {
  const page = new Page();
  const news: string[] = [];
  const stop = watchEnvironment((what) => news.push(what), page);
  for (const type of ['online', 'offline', 'focus', 'pageshow', 'pagehide']) page.dispatchEvent(new Event(type));
  for (const type of ['visibilitychange', 'freeze', 'resume']) page.document.dispatchEvent(new Event(type));
  expect(news).toEqual(['online', 'offline', 'online', 'online', 'frozen', 'online', 'frozen', 'online']);
  stop();
  page.dispatchEvent(new Event('online'));
  page.document.dispatchEvent(new Event('resume'));
  expect(news.length).toBe(8);
});

it('does not send a page to dial that is hidden or without network', () => {
  const page = new Page();
  const news: string[] = [];
  watchEnvironment((what) => news.push(what), page);
  page.document.visibilityState = 'hidden';
  page.document.dispatchEvent(new Event('visibilitychange'));
  page.document.visibilityState = 'visible';
  page.navigator.onLine = false;
  page.dispatchEvent(new Event('focus'));
  expect(news).toEqual([]);
});

it('does nothing where there is no page', () => {
  expect(() => watchEnvironment(() => undefined, {})()).not.toThrow();
});
