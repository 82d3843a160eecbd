import { Activity, type ReactElement, useLayoutEffect } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage, type Stage } from '../test/mount.tsx';
import type { MessagesOptions } from './index.ts';

const { useLastMessage, useMessages } = hooks;
type Reading = { deviceId: string; celsius: number };

const shown: (readonly Reading[])[] = [];
function Rows(options: MessagesOptions<Reading>): ReactElement {
  const rows = useMessages('reading', options);
  shown.push(rows);
  return <p>{rows.map((r) => r.celsius).join(' ')}</p>;
}

async function arrive(stage: Stage, ...celsius: number[]): Promise<void> {
  for (const c of celsius) stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: c });
  await stage.settle();
}

describe('useMessages', () => {
  test('keeps the last ones, oldest first', async () => {
    await using stage = setStage();
    const { container } = stage.mount(<Rows limit={3} />);
    await stage.settle();
    await arrive(stage, 1, 2);
    await stage.frame();
    expect(container.textContent).toBe('1 2');
    await arrive(stage, 3, 4, 5);
    await stage.frame();
    expect(container.textContent).toBe('3 4 5');
  });

  test('gives a new array per flush only', async () => {
    await using stage = setStage();
    const { rerender } = stage.mount(<Rows limit={3} />);
    await stage.settle();
    await arrive(stage, 1);
    await stage.frame();
    const first = shown.at(-1);
    await arrive(stage, 2);
    rerender(<Rows limit={3} />);
    expect(shown.at(-1)).toBe(first);
    await stage.frame();
    expect(shown.at(-1)).not.toBe(first);
    expect(first).toHaveLength(1);
  });

  test('asks the filter of the latest commit as messages arrive', async () => {
    await using stage = setStage();
    const above = (n: number): ReactElement => <Rows limit={9} filter={(r) => r.celsius > n} />;
    const { container, rerender } = stage.mount(above(5));
    await stage.settle();
    await arrive(stage, 1, 6, 2, 7);
    rerender(above(8));
    await arrive(stage, 8, 9);
    await stage.frame();
    expect(container.textContent).toBe('6 7 9');
  });

  test('messages that the filter drops cause no render', async () => {
    await using stage = setStage();
    stage.mount(<Rows limit={9} filter={() => false} />);
    await stage.settle();
    const commits = stage.commits();
    const timers = vi.getTimerCount();
    await arrive(stage, 1, 2, 3);
    expect(vi.getTimerCount()).toBe(timers);
    await stage.frame();
    expect(stage.commits()).toBe(commits);
  });

  test('a smaller limit trims what is shown, a larger one keeps it', async () => {
    await using stage = setStage();
    const { container, rerender } = stage.mount(<Rows limit={4} />);
    await stage.settle();
    await arrive(stage, 1, 2, 3, 4);
    await stage.frame();
    rerender(<Rows limit={2} />);
    await stage.frame();
    expect(container.textContent).toBe('3 4');
    rerender(<Rows limit={3} />);
    await arrive(stage, 5);
    await stage.frame();
    expect(container.textContent).toBe('3 4 5');
  });

  test('a limit of 0 is refused with a word', async () => {
    await using stage = setStage();
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => stage.mount(<Rows limit={0} />)).toThrow('limit of at least 1');
    error.mockRestore();
  });

  test('listens once, whatever changes from render to render', async () => {
    await using stage = setStage();
    const { rerender } = stage.mount(<Rows limit={1} filter={() => true} />);
    const { on } = stage.held.ever;
    rerender(<Rows limit={2} filter={() => false} batch="none" />);
    rerender(<Rows limit={3} />);
    expect(stage.held.ever.on).toBe(on);
    expect(stage.held.now.on).toBe(1);
  });
});

describe('useLastMessage', () => {
  type Name = 'alarm' | 'reading';
  function Last({ name }: { readonly name: Name }): ReactElement {
    return <p>{JSON.stringify(useLastMessage(name) ?? null)}</p>;
  }

  test('is undefined, then the newest of each frame', async () => {
    await using stage = setStage();
    const { container } = stage.mount(<Last name="reading" />);
    await stage.settle();
    expect(container.textContent).toBe('null');
    await arrive(stage, 1, 2, 3);
    expect(container.textContent).toBe('null');
    await stage.frame();
    expect(JSON.parse(container.textContent)).toEqual({ deviceId: 'd', celsius: 3 });
  });

  test('forgets the old message at once when the name changes, also one that waits for its frame', async () => {
    await using stage = setStage();
    const { container, rerender } = stage.mount(<Last name="reading" />);
    await stage.settle();
    await arrive(stage, 1);
    await stage.frame();
    await arrive(stage, 2);
    rerender(<Last name="alarm" />);
    expect(container.textContent).toBe('null');
    await stage.frame();
    expect(container.textContent).toBe('null');
  });

  test('misses nothing that arrives between the commit and the passive effects', async () => {
    await using stage = setStage();
    void stage.client.connect();
    await stage.settle();
    function Sender(): ReactElement {
      useLayoutEffect(() => {
        stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: 7 });
        stage.bed.clock.advanceSync(0);
      }, []);
      return <Last name="reading" />;
    }
    const { container } = stage.mount(<Sender />);
    await stage.frame();
    expect(container.textContent).toContain('7');
  });
});

// React has it since 19.2.
describe.skipIf((Activity as unknown) === undefined)('hidden by <Activity> and shown again', () => {
  test('what had arrived is shown, what arrived while hidden is not, and listening goes on', async () => {
    await using stage = setStage();
    const at = (mode: 'hidden' | 'visible'): ReactElement => (
      <Activity mode={mode}>
        <Rows limit={9} />
      </Activity>
    );
    const { container, rerender } = stage.mount(at('visible'));
    await stage.settle();
    await arrive(stage, 1);
    await stage.frame();
    await arrive(stage, 2);
    rerender(at('hidden'));
    expect(stage.held.now.on).toBe(0);
    await arrive(stage, 3);
    rerender(at('visible'));
    expect(container.textContent).toBe('1 2');
    await arrive(stage, 4);
    await stage.frame();
    expect(container.textContent).toBe('1 2 4');
  });
});
