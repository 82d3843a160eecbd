import { expect, it } from 'vitest';
import { areasOfSources, layerOf } from './area-of.ts';
import { divided, plus, sharesOf } from './areas.ts';

const frame = (functionName: string) => ({ functionName, scriptId: '0', url: '', lineNumber: 0, columnNumber: 0 });

it('tells the share of each area among all samples', () => {
  const nodes = [
    { id: 1, callFrame: frame('idle'), hitCount: 90 },
    { id: 2, callFrame: frame('read'), hitCount: 6 },
    { id: 3, callFrame: frame('write'), hitCount: 2 },
    { id: 4, callFrame: frame('read'), hitCount: 2 },
    { id: 5, callFrame: frame('never') },
  ];
  const shares = sharesOf({ nodes }, ({ functionName }) => (functionName === 'idle' ? undefined : functionName));
  expect(shares).toEqual({ read: 0.08, write: 0.02 });
});

it('says when nothing was sampled', () => {
  expect(() => sharesOf({ nodes: [] }, () => 'all')).toThrow('no samples');
});

it('counts as between turns what was not sampled in JavaScript, and divides no more than there was', () => {
  expect(divided({ read: 0.25, write: 0.25 }, 100, 80)).toEqual({
    read: 25,
    write: 25,
    'kernel and libuv between turns': 30,
  });
  expect(divided({ read: 0.75, write: 0.25 }, 100, 80)).toEqual({ read: 60, write: 20 });
});

it('tells places by their names, also those that objects inherit', () => {
  const areaOf = areasOfSources();
  const at = (functionName: string, url = '', lineNumber = -1) =>
    areaOf({ functionName, scriptId: '0', url, lineNumber, columnNumber: 0 });
  expect(at('(idle)')).toBeUndefined();
  expect(at('(garbage collector)')).toBe('collecting garbage');
  expect(at('toString')).toBe(at('writeBuffer'));
  expect(at('toString', 'node:buffer', 800)).toBe('Node');
  expect(at('send', 'file:///project/node_modules/ws/lib/websocket.js', 10)).toBe('ws');
  expect(at('', '', 2)).toBe('zod');
});

it('adds up shares of different sizes', () => {
  expect(plus({ read: 1, write: 2 }, { read: 0.5, parse: 0.5 }, 10)).toEqual({ read: 6, write: 2, parse: 5 });
});

it('names a layer by its folder, and what lies beside the layers by its package', () => {
  const url = 'file:///project/packages/core/dist/chunks/json-codec.js';
  expect(layerOf(url, '../../src/wire/parse-packet.ts')).toBe('Hawser: wire');
  expect(layerOf('file:///project/packages/server/dist/index.js', '../src/node-hash.ts')).toBe('Hawser: server');
});
