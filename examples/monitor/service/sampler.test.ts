import { expect, test } from 'vitest';
import { type Reading, Sampler } from './sampler.ts';

const start: Reading = {
  at: 1_000,
  cores: [
    { busy: 100, total: 1_000 },
    { busy: 500, total: 1_000 },
  ],
  load: 0.5,
  memory: { used: 1, total: 4 },
  network: { at: 1_000, received: 10_000, sent: 0 },
  loop: { mean: 0, max: 0 },
};

test('numbers samples from one and counts them', () => {
  const sampler = new Sampler(start);
  expect(sampler.count).toBe(0);
  expect(sampler.next(start).n).toBe(1);
  expect(sampler.next(start).n).toBe(2);
  expect(sampler.count).toBe(2);
});

test('gives each core the share of time it was busy since the reading before', () => {
  const sampler = new Sampler(start);
  const cores = [
    { busy: 125, total: 1_100 },
    { busy: 600, total: 1_100 },
  ];
  expect(sampler.next({ ...start, cores })).toMatchObject({ cores: [25, 100], cpu: 62.5 });
  expect(sampler.next({ ...start, cores }), 'no time passed').toMatchObject({ cores: [0, 0], cpu: 0 });
});

test('shows a new core as idle until it has a past', () => {
  const sampler = new Sampler(start);
  const cores = [...start.cores, { busy: 70, total: 80 }];
  expect(sampler.next({ ...start, cores }).cores).toEqual([0, 0, 0]);
});

test('keeps shares within 0 and 100 when counters start over', () => {
  const sampler = new Sampler(start);
  const cores = [
    { busy: 90, total: 1_010 },
    { busy: 540, total: 1_010 },
  ];
  expect(sampler.next({ ...start, cores }).cores).toEqual([0, 100]);
});

test('turns byte counters into bytes per second of the time between their readings', () => {
  const sampler = new Sampler(start);
  const network = { at: 1_500, received: 12_000, sent: 250 };
  expect(sampler.next({ ...start, at: 1_700, network }).network).toEqual({ received: 4_000, sent: 500 });
  expect(sampler.next({ ...start, at: 2_200, network }).network, 'not read again').toEqual({
    received: 4_000,
    sent: 500,
  });
  expect(sampler.next({ ...start, at: 2_700, network: { at: 2_500, received: 0, sent: 250 } }).network).toEqual({
    received: 0,
    sent: 0,
  });
});

test('says nothing about a network nobody reads', () => {
  const sampler = new Sampler({ ...start, network: null });
  expect(sampler.next({ ...start, network: null }).network).toBeNull();
});
