import { expect, it } from 'vitest';
import { layerOf } from './area-of.ts';
import { plus, sharesOf } from './areas.ts';

const frame = (functionName: string) => ({ functionName, scriptId: '0', url: '', lineNumber: 0, columnNumber: 0 });

it('divides the samples among the areas, without those that do not count', () => {
  const nodes = [
    { id: 1, callFrame: frame('idle'), hitCount: 90 },
    { id: 2, callFrame: frame('read'), hitCount: 6 },
    { id: 3, callFrame: frame('write'), hitCount: 2 },
    { id: 4, callFrame: frame('read'), hitCount: 2 },
    { id: 5, callFrame: frame('never') },
  ];
  const shares = sharesOf({ nodes }, ({ functionName }) => (functionName === 'idle' ? undefined : functionName));
  expect(shares).toEqual({ read: 0.8, write: 0.2 });
});

it('has no areas when nothing was sampled', () => {
  expect(sharesOf({ nodes: [] }, () => 'all')).toEqual({});
});

it('adds up shares of different sizes', () => {
  expect(plus({ read: 1, write: 2 }, { read: 0.5, parse: 0.5 }, 10)).toEqual({ read: 6, write: 2, parse: 5 });
});

it('names a layer by its folder, and what lies beside the layers by its package', () => {
  const url = 'file:///project/packages/core/dist/chunks/json-codec.js';
  expect(layerOf(url, '../../src/wire/parse-packet.ts')).toBe('Hawser: wire');
  expect(layerOf('file:///project/packages/server/dist/index.js', '../src/node-hash.ts')).toBe('Hawser: server');
});
