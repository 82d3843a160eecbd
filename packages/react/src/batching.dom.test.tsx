import type { ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage, type Stage } from '../test/mount.tsx';

const { useLastMessage, useMessage, useMessages } = hooks;

const total = 10_000;
const seen: number[] = [];

function Rows(): ReactElement {
  const readings = useMessages('reading', { limit: 200 });
  return <p>{readings.at(-1)?.celsius}</p>;
}
function Last(): ReactElement {
  return <p>{useLastMessage('reading')?.celsius}</p>;
}
function All(): null {
  useMessage('reading', (r) => seen.push(r.celsius));
  return null;
}
const page = (
  <>
    <Rows />
    <Rows />
    <Last />
    <All />
  </>
);

/** Ten thousand messages in a hundred packets; React may commit after each. */
async function burst(stage: Stage): Promise<void> {
  for (let i = 0; i < total; i += 1) {
    stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: i });
    if (i % 100 === 99) await stage.bed.clock.settle();
  }
}

beforeEach(() => {
  seen.length = 0;
});
afterEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});

describe('a burst of 10,000 messages within one frame', () => {
  // Outside act, which would itself merge everything into one commit.
  const mountLive = async (stage: Stage): Promise<ReturnType<Stage['mount']>> => {
    const mounted = stage.mount(page);
    await stage.settle();
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
    return mounted;
  };

  test('is one commit for all hooks together, and useMessage sees every message in order', async () => {
    await using stage = setStage();
    const { container } = await mountLive(stage);
    const before = stage.commits();
    await burst(stage);
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => i));
    expect(stage.commits()).toBe(before);
    expect(container.textContent).toBe('');

    vi.advanceTimersToNextFrame();
    await stage.bed.clock.settle();
    expect(stage.commits()).toBe(before + 1);
    expect(container.textContent).toBe('9999'.repeat(3));

    vi.advanceTimersToNextFrame();
    await stage.bed.clock.settle();
    expect(stage.commits()).toBe(before + 1);
  });

  test('frame by frame there is one commit each', async () => {
    await using stage = setStage();
    await mountLive(stage);
    const before = stage.commits();
    for (let i = 0; i < 5; i += 1) {
      await burst(stage);
      vi.advanceTimersToNextFrame();
      await stage.bed.clock.settle();
    }
    expect(stage.commits()).toBe(before + 5);
  });

  test('in a hidden tab, where no frame comes, is one commit after a second', async () => {
    await using stage = setStage();
    vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
    const { container } = await mountLive(stage);
    const before = stage.commits();
    await burst(stage);
    vi.advanceTimersByTime(999);
    await stage.bed.clock.settle();
    expect(stage.commits()).toBe(before);
    vi.advanceTimersByTime(1);
    await stage.bed.clock.settle();
    expect(stage.commits()).toBe(before + 1);
    expect(container.textContent).toBe('9999'.repeat(3));
    vi.restoreAllMocks();
  });

  test('two clients share the frame', async () => {
    await using stage = setStage();
    const other = stage.bed.connectClient();
    let commits = 0;
    const { Profiler } = await import('react');
    stage.mount(
      <Profiler id="both" onRender={() => (commits += 1)}>
        <Last />
        <hooks.SocketProvider client={other}>
          <Last />
        </hooks.SocketProvider>
      </Profiler>,
    );
    await stage.settle();
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
    const before = commits;
    await burst(stage);
    vi.advanceTimersToNextFrame();
    await stage.bed.clock.settle();
    expect(commits).toBe(before + 1);
  });
});

test('batch none shows each message when it arrives', async () => {
  await using stage = setStage();
  function Now(): ReactElement {
    const last = useLastMessage('reading', { batch: 'none' });
    const all = useMessages('reading', { limit: 5, batch: 'none' });
    return (
      <p>
        {last?.celsius}/{all.length}
      </p>
    );
  }
  const { container } = stage.mount(<Now />);
  await stage.settle();
  const timers = vi.getTimerCount();
  stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: 1 });
  await stage.settle();
  expect(container.textContent).toBe('1/1');
  expect(vi.getTimerCount()).toBe(timers);
});
