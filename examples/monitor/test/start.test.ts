import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { RunningMonitor } from './running-monitor.ts';

const patience = 60_000;
let monitor: RunningMonitor | undefined;

afterEach(async () => {
  await monitor?.stop();
  monitor = undefined;
});

test('serves the page, lets an agent follow, and ends on Ctrl-C', { timeout: patience }, async () => {
  monitor = new RunningMonitor({ PORT: '0' });
  const address = await monitor.printed(/page +(http:\S+)/);
  const page = await (await fetch(address)).text();
  expect(page).toContain('<title>Hawser monitor</title>');
  expect(page).toMatch(/<meta name="cable-port" content="\d+">/);
  const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? '';
  expect((await fetch(new URL(script, address))).headers.get('content-type')).toMatch(/^text\/javascript/);
  expect((await fetch(new URL('nowhere', address))).status).toBe(404);

  await monitor.printed(/CPU average +\d+ % {2}highest +\d+ % {2}\d+ samples, 0 missing, 0 twice/);
  expect(await monitor.stop()).toBe(0);
});

test('says which port is taken and how to take another', { timeout: patience }, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  monitor = new RunningMonitor({ PORT: String(port) });
  expect(await monitor.exit()).toBe(1);
  expect(monitor.output).toContain(`port ${port} is taken by another program. Set PORT to another port`);
  monitor = new RunningMonitor({ PORT: '0', SERVICE_PORT: String(port) });
  expect(await monitor.exit()).toBe(1);
  expect(monitor.output).toContain(`port ${port} is taken by another program. Set SERVICE_PORT to another`);
  other.close();
});

test('refuses what is no port', { timeout: patience }, async () => {
  monitor = new RunningMonitor({ PORT: 'eighty' });
  expect(await monitor.exit()).toBe(1);
  expect(monitor.output).toContain('PORT is "eighty", but must be a port');
});
