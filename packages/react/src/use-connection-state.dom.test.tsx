import type { ConnectionState } from '@hawser/core';
import { act, screen } from '@testing-library/react';
import { type ReactElement, useState } from 'react';
import { describe, expect, test } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage } from '../test/mount.tsx';

const { useConnectionState } = hooks;
const text = (): string | null => screen.getByRole('status').textContent;

describe('useConnectionState', () => {
  test('follows the state to the end', async () => {
    await using stage = setStage();
    const seen: ConnectionState[] = [];
    function Status(): ReactElement {
      const state = useConnectionState();
      seen.push(state);
      return <p role="status">{state.status}</p>;
    }
    stage.mount(<Status />);
    await stage.settle();
    expect(text()).toBe('connected');
    expect(seen.at(-1)).toBe(stage.client.state);
    stage.bed.link.refuse(1);
    await act(async () => stage.bed.link.drop());
    expect(text()).toBe('reconnecting');
    await act(() => stage.client.close().then(() => undefined));
    expect(text()).toBe('closed');
  });

  test('renders again only when the selection changes', async () => {
    await using stage = setStage();
    function Status(): ReactElement {
      return <p role="status">{String(useConnectionState((s) => s.status === 'connected'))}</p>;
    }
    stage.mount(<Status />);
    const changes: string[] = [];
    const stop = stage.client.onState((s) => changes.push(s.status));
    await stage.settle();
    await stage.settle();
    expect(changes.length).toBeGreaterThan(2);
    expect(text()).toBe('true');
    expect(stage.commits()).toBe(2);
    stop();
  });

  test('a selector that builds a new object each time neither loops nor renders without a change', async () => {
    await using stage = setStage();
    let renders = 0;
    function Status(): ReactElement {
      renders += 1;
      const { up } = useConnectionState((s) => ({ up: s.status === 'connected' }));
      return <p role="status">{String(up)}</p>;
    }
    stage.mount(<Status />);
    await stage.settle();
    expect(text()).toBe('true');
    const before = renders;
    await stage.settle();
    expect(renders).toBe(before);
  });

  test('the selector sees the props of its render', async () => {
    await using stage = setStage();
    let setWanted: (wanted: string) => void = () => {};
    function Status(): ReactElement {
      const [wanted, set] = useState('idle');
      setWanted = set;
      return <p role="status">{String(useConnectionState((s) => s.status === wanted))}</p>;
    }
    stage.mount(<Status />);
    await stage.settle();
    expect(text()).toBe('false');
    act(() => setWanted('connected'));
    expect(text()).toBe('true');
  });

  test('a new selector does not subscribe again', async () => {
    await using stage = setStage();
    const ui = (n: number): ReactElement => <Status n={n} />;
    function Status({ n }: { readonly n: number }): ReactElement {
      return <p role="status">{useConnectionState((s) => `${n} ${s.status}`)}</p>;
    }
    const { rerender } = stage.mount(ui(1));
    await stage.settle();
    const { onState } = stage.held.ever;
    rerender(ui(2));
    expect(text()).toBe('2 connected');
    expect(stage.held.ever.onState).toBe(onState);
    expect(stage.held.now.onState).toBe(1);
  });
});
