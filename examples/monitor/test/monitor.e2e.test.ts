import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningMonitor } from './running-monitor.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const installed = existsSync(executablePath);
if (!installed) {
  const reason = `there is no Chromium at ${executablePath}; install it or set CHROMIUM_PATH`;
  if (process.env.HAWSER_REQUIRE_BROWSER === '1') throw new Error(`HAWSER_REQUIRE_BROWSER is set, but ${reason}.`);
  console.warn(`The monitor's browser test is SKIPPED: ${reason}.`);
}

const screenshots = fileURLToPath(new URL('output/', import.meta.url));
/** Section 11 of the protocol. */
const unsubscribeFrame = /\[43,\d+\]/;
const patience = { timeout: 30_000, interval: 100 };

/** The four numbers that prove it, read in one moment. */
interface Books {
  readonly sent: number;
  readonly received: number;
  readonly missing: number;
  readonly duplicates: number;
}

describe.skipIf(!installed)('the monitor in a browser', { timeout: 90_000 }, () => {
  const errors: string[] = [];
  let unsubscribes = 0;
  let monitor: RunningMonitor;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    monitor = new RunningMonitor({ PORT: '0' });
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1440, height: 1420 }, colorScheme: 'dark' });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (unsubscribeFrame.test(String(payload))) unsubscribes++;
      }),
    );
    await page.goto(await monitor.printed(/page +(http:\S+)/));
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await monitor?.stop();
  });

  function books(): Promise<Books> {
    return page.evaluate(() => {
      const number = (id: string): number =>
        Number(document.querySelector(`[data-testid="${id}"]`)?.textContent?.replaceAll(',', ''));
      return {
        sent: number('sent'),
        received: number('received'),
        missing: number('missing'),
        duplicates: number('duplicates'),
      };
    });
  }

  async function status(): Promise<string | null> {
    return page.getByRole('status', { name: 'Connection' }).textContent();
  }

  async function pullLever(name: 'Cut the cable' | 'Black hole', seconds: number): Promise<void> {
    await page.getByText(`${seconds} s`, { exact: true }).click();
    await page.getByRole('button', { name, exact: true }).click();
  }

  /** How full a progress bar is, percent. */
  async function filled(name: string): Promise<number> {
    return Number(await page.getByRole('progressbar', { name, exact: true }).getAttribute('aria-valuenow'));
  }

  /** Waits until the link is back and nothing sent is missing any more. */
  async function settled(resumes: number): Promise<Books> {
    await expect.poll(status, patience).toBe('connected');
    await expect.poll(() => page.getByTestId('resumes').textContent(), patience).toBe(String(resumes));
    await expect.poll(async () => (await books()).sent - (await books()).received, patience).toBe(0);
    return books();
  }

  test('shows live data of this machine', async () => {
    await expect.poll(status, patience).toBe('connected');
    await expect.poll(async () => (await books()).received, patience).toBeGreaterThan(5);
    expect(await page.getByRole('list', { name: 'Cores now' }).getByRole('listitem').count()).toBe(os.cpus().length);
    expect(await page.locator('header .host').textContent()).toContain(os.hostname());
    expect(await page.locator('.chart canvas').count()).toBe(6);
    expect(await page.getByText('nothing missing').isVisible()).toBe(true);
  });

  test('comes back after the cable was cut, with nothing missing', async () => {
    const before = await books();
    await pullLever('Cut the cable', 5);
    await expect.poll(status, patience).toBe('reconnecting');
    await expect.poll(() => page.getByText(/\d+ held by the service/).isVisible(), patience).toBe(true);
    const during = await books();
    expect(during.sent).toBeGreaterThan(during.received);
    await page.screenshot({ path: `${screenshots}monitor-reconnecting.png` });

    const after = await settled(1);
    expect(after).toMatchObject({ missing: 0, duplicates: 0 });
    expect(after.received).toBeGreaterThanOrEqual(during.sent);
    expect(after.sent - before.sent, 'the service went on all the time').toBeGreaterThan(8);
    expect(await page.getByText(/resumed after [\d.]+ s, \d+ caught up/).count()).toBe(1);
    await monitor.printed(/resumed the same session/);
  });

  test('notices a silent black hole and comes back from it', async () => {
    await pullLever('Black hole', 10);
    await expect.poll(status, patience).toBe('reconnecting');
    await page.getByRole('button', { name: 'Repair' }).click();
    expect(await settled(2)).toMatchObject({ missing: 0, duplicates: 0 });
    await expect.poll(() => page.getByText(/(\d+) of \1 beats/).count(), patience).toBe(1);
  });

  test('tells what is wrong with a limit', async () => {
    await page.getByRole('textbox', { name: 'CPU limit' }).fill('150');
    await page.getByRole('button', { name: 'Set CPU limit' }).click();
    await expect.poll(() => page.getByRole('alert').textContent(), patience).toBe('CPU must lie between 1 and 100 %.');
    await page.getByRole('textbox', { name: 'CPU limit' }).fill('lots');
    await page.getByRole('button', { name: 'Set CPU limit' }).click();
    await expect.poll(() => page.getByRole('alert').textContent(), patience).toBe('That is not a number.');
  });

  test('sets a limit and shows the alarm it raises', async () => {
    await page.getByRole('textbox', { name: 'Memory limit' }).fill('1');
    await page.getByRole('button', { name: 'Set Memory limit' }).click();
    const alarms = page.getByRole('log', { name: 'Alarms' });
    await expect.poll(() => alarms.textContent(), patience).toMatch(/Memory reached [\d.]+ %limit 1/);
    await monitor.printed(/alarm raised: memory at/);
  });

  test('runs a command on the agent and shows its answer', async () => {
    await page.getByRole('radio', { name: 'agent-1' }).check();
    await page.getByRole('button', { name: 'Report' }).click();
    const answer = page.getByRole('status', { name: 'Answer' });
    await expect.poll(() => answer.textContent(), patience).toMatch(/agent-1 is well/);
    expect(await answer.textContent()).toMatch(/samples\d+ received, 0 missing, 0 twice.*resumes2/);
  });

  test('shows the error an agent answers with', async () => {
    const burn = page.getByRole('button', { name: 'Burn CPU' });
    const answer = page.getByRole('status', { name: 'Answer' });
    await burn.click();
    await expect.poll(() => answer.textContent(), patience).toMatch(/keeps one core busy/);
    await burn.click();
    await expect.poll(() => answer.textContent(), patience).toMatch(/It is busy: burning for another [\d.]+ s/);
  });

  test('does what the service asks of it', async () => {
    await page.getByRole('radio', { name: 'this page' }).check();
    await page.getByRole('button', { name: 'Identify' }).click();
    await expect.poll(() => page.locator('.flash').textContent(), patience).toMatch(/asked who is here/);
    await expect.poll(() => page.getByRole('status', { name: 'Answer' }).textContent(), patience).toMatch(/flashed/);
  });

  test('shows each core live, stale while the cable is cut, and off when somebody clicks it', async () => {
    const count = os.cpus().length;
    const all = (state: string): string[] => Array.from({ length: count }, () => state);
    const tiles = (): Promise<string[]> => page.locator('.core-status').allTextContents();
    await expect.poll(tiles, patience).toEqual(all('live'));
    await pullLever('Cut the cable', 2);
    await expect.poll(tiles, patience).toEqual(all('stale'));
    await settled(3);
    await expect.poll(tiles, patience).toEqual(all('live'));
    const tile = page.getByRole('button', { name: 'Core 0', exact: true });
    await tile.click();
    await expect.poll(tiles, patience).toEqual(['off', ...all('live').slice(1)]);
    await expect.poll(() => unsubscribes, patience).toBe(1);
    await tile.click();
    await expect.poll(tiles, patience).toEqual(all('live'));
  });

  test('reads the last hour through a cut, every sample once', async () => {
    const books = page.getByTestId('hour');
    await page.getByRole('button', { name: 'Read the last hour' }).click();
    await expect.poll(() => filled('Last hour'), patience).toBeGreaterThan(15);
    await pullLever('Cut the cable', 2);
    await expect.poll(() => books.textContent(), patience).toMatch(/ of .* waiting for the cable/);
    await settled(4);
    await expect.poll(() => books.textContent(), patience).toMatch(/^(\d\d+) of \1 · 0 missing, 0 twice, once cut$/);
    expect(await filled('Last hour')).toBe(100);
  });

  test('stops reading when asked to', async () => {
    await page.getByRole('button', { name: 'Read the last hour' }).click();
    await expect.poll(() => filled('Last hour'), patience).toBeLessThan(50);
    await page.locator('.last-hour').getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.getByTestId('hour').textContent(), patience).toMatch(/^cancelled at \d+ of \d+$/);
  });

  test('sends a file through a cut and compares what arrived', async () => {
    const sent = page.getByTestId('file');
    await page.getByRole('button', { name: 'Send a CPU profile' }).click();
    await expect.poll(() => filled('File'), patience).toBeGreaterThan(10);
    await pullLever('Cut the cable', 2);
    await expect.poll(() => sent.textContent(), patience).toMatch(/acknowledged · waiting/);
    expect(await filled('File')).toBeLessThan(100);
    await page.screenshot({ path: `${screenshots}monitor-cut-in-the-middle.png` });
    await settled(5);
    await expect
      .poll(() => sent.textContent(), patience)
      .toMatch(/^6\.\d MB in [\d.]+ s, once cut.*same here and there$/);
  });

  test('sends a file of the visitor', async () => {
    const buffer = Buffer.from('a rope is as long as what is tied to it\n'.repeat(5_000));
    await page.getByLabel('File to send').setInputFiles({ name: 'rope.log', mimeType: 'text/plain', buffer });
    const sent = page.getByTestId('file');
    await expect.poll(() => sent.textContent(), patience).toMatch(/^200\.0 kB in .*same here and there$/);
    const hash = createHash('sha256').update(buffer).digest('hex');
    expect(await sent.locator('code').getAttribute('title')).toBe(hash);
  });

  test('looks the way it should', async () => {
    await page.getByRole('radio', { name: 'agent-1' }).check();
    await page.getByRole('button', { name: 'Report' }).click();
    await expect
      .poll(() => page.locator('.flash').evaluate((flash) => getComputedStyle(flash).opacity), patience)
      .toBe('0');
    // A full last hour looks better than a cancelled one.
    await page.getByRole('button', { name: 'Read the last hour' }).click();
    await expect.poll(() => page.getByTestId('hour').getAttribute('data-status'), patience).toBe('done');
    await page.screenshot({ path: `${screenshots}monitor.png` });
    await page.setViewportSize({ width: 390, height: 844 });
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), patience)
      .toBeLessThanOrEqual(0);
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: `${screenshots}monitor-narrow.png`, fullPage: true });
    expect(errors).toEqual([]);
  });
});
