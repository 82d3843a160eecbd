import { act } from '@testing-library/react';
import { forwardRef, memo, type ReactElement, useLayoutEffect, useState } from 'react';
import { describe, expect, test } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage } from '../test/mount.tsx';

const { useMessage, useSocket } = hooks;

describe('useMessage', () => {
  test('calls the handler for every message in order, and never renders', async () => {
    await using stage = setStage();
    const seen: number[] = [];
    function Listener(): null {
      useMessage('reading', (r) => seen.push(r.celsius));
      return null;
    }
    stage.mount(<Listener />);
    await stage.settle();
    const commits = stage.commits();
    for (let celsius = 0; celsius < 500; celsius += 1)
      stage.bed.server.broadcast('reading', { deviceId: 'd', celsius });
    await stage.settle();
    await stage.frame();
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(stage.commits()).toBe(commits);
  });

  test('tells about a gap', async () => {
    await using stage = setStage();
    const gaps: boolean[] = [];
    function Listener(): null {
      useMessage('alarm', (_, meta) => gaps.push(meta.gap));
      return null;
    }
    stage.mount(<Listener />);
    await stage.settle();
    stage.bed.server.broadcast('alarm', { level: 'warn', text: '' });
    await stage.settle();
    stage.bed.server.restart();
    await act(() => stage.bed.clock.advance(60_000));
    stage.bed.server.broadcast('alarm', { level: 'warn', text: '' });
    await stage.settle();
    expect(gaps).toEqual([false, true]);
  });

  // React 19.2's useEffectEvent keeps the first closure in the latter two.
  test.each([
    ['plain', (c: () => null) => c],
    ['memo', (c: () => null) => memo(c)],
    ['forwardRef', (c: () => null) => forwardRef(c)],
  ])('calls the closure of the latest commit in a %s component, without listening again', async (_, wrap) => {
    await using stage = setStage();
    const seen: number[] = [];
    let setCount: (n: number) => void = () => {};
    const Listener = wrap(() => {
      const [count, set] = useState(1);
      setCount = set;
      useMessage('reading', () => seen.push(count));
      return null;
    });
    stage.mount(<Listener />);
    await stage.settle();
    const { on } = stage.held.ever;
    for (const count of [1, 2, 3]) {
      act(() => setCount(count));
      stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: 0 });
      await stage.settle();
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(stage.held.ever.on).toBe(on);
    expect(stage.held.now.on).toBe(1);
  });

  test('listens within the commit: what a layout effect asks for is heard', async () => {
    await using stage = setStage();
    const listening: number[] = [];
    function Listener(): null {
      useMessage('reading', () => {});
      useLayoutEffect(() => void listening.push(stage.held.now.on));
      return null;
    }
    stage.mount(<Listener />);
    expect(listening[0]).toBe(1);
  });

  test('another name stops the old and starts the new', async () => {
    await using stage = setStage();
    const seen: unknown[] = [];
    function Listener({ name }: { readonly name: 'alarm' | 'reading' }): null {
      useMessage(name, (data) => seen.push(data));
      return null;
    }
    const { rerender } = stage.mount(<Listener name="alarm" />);
    await stage.settle();
    rerender(<Listener name="reading" />);
    stage.bed.server.broadcast('alarm', { level: 'warn', text: '' });
    stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: 0 });
    await stage.settle();
    expect(seen).toEqual([{ deviceId: 'd', celsius: 0 }]);
    expect(stage.held.now.on).toBe(1);
  });

  test('after unmounting nothing is called', async () => {
    await using stage = setStage();
    const seen: unknown[] = [];
    function Listener(): null {
      useMessage('alarm', (a) => seen.push(a));
      return null;
    }
    const { rerender } = stage.mount(<Listener />);
    await stage.settle();
    rerender(<p />);
    expect(stage.held.now.on).toBe(0);
    stage.bed.server.broadcast('alarm', { level: 'warn', text: '' });
    await stage.settle();
    expect(seen).toEqual([]);
  });

  test('a handler that throws is reported and disturbs no other', async () => {
    await using stage = setStage();
    const problems: string[] = [];
    stage.client.onProblem((p) => problems.push(p.kind));
    const seen: string[] = [];
    function Listener({ id }: { readonly id: string }): null {
      useMessage('alarm', () => {
        if (id === 'bad') throw new Error('bad');
        seen.push(id);
      });
      return null;
    }
    stage.mount(
      <>
        <Listener id="bad" />
        <Listener id="good" />
      </>,
    );
    await stage.settle();
    stage.bed.server.broadcast('alarm', { level: 'warn', text: '' });
    await stage.settle();
    expect(seen).toEqual(['good']);
    expect(problems).toEqual(['handler-error']);
  });
});

describe('on a closed client', () => {
  test('listening hooks mount without effect', async () => {
    await using stage = setStage();
    await stage.client.close();
    function Everything(): ReactElement {
      useSocket();
      useMessage('alarm', () => {});
      hooks.useHandler('reboot', () => ({ ok: true }));
      hooks.useLastMessage('alarm');
      hooks.useMessages('alarm', { limit: 1 });
      return <p>{hooks.useConnectionState((s) => s.status)}</p>;
    }
    const { container } = stage.mount(<Everything />);
    expect(container.textContent).toBe('closed');
  });
});
