import os from 'node:os';
import { expect, test } from 'vitest';
import { openMachine, parseProcNetDev } from './machine.ts';

test('adds up all interfaces of /proc/net/dev', () => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0',
    '  eth0:7000000000      9    0    0    0     0          0         0       25       9    0    0    0     0       0          0',
    '',
  ].join('\n');
  expect(parseProcNetDev(text)).toEqual({ received: 7_000_000_100, sent: 125 });
});

test('reads this machine', () => {
  using machine = openMachine();
  const reading = machine.read();
  expect(reading.cores).toHaveLength(os.cpus().length);
  for (const core of reading.cores) expect(core.total).toBeGreaterThanOrEqual(core.busy);
  expect(reading.memory.used).toBeGreaterThan(0);
  expect(reading.memory.used).toBeLessThan(reading.memory.total);
  expect(reading.loop).toEqual({ mean: 0, max: 0 });
});
