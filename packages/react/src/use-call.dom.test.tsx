import { act } from '@testing-library/react';
import type { ReactElement } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { Fleet } from '../test/fleet.ts';
import { hooks } from '../test/hooks.ts';
import { setStage, type Stage } from '../test/mount.tsx';
import type { CallState } from './index.ts';

const { useCall } = hooks;
const input = { deviceId: 'd1', max: 80 };

type State = CallState<Fleet['clientToServer']['setThreshold']>;

/** Mounts the hook; `now` is what its last render returned. */
function mountCall(stage: Stage, first?: number) {
  const held: { now: State; renders: number } = { now: undefined as never, renders: 0 };
  function Caller({ timeout }: { readonly timeout?: number | undefined }): ReactElement {
    held.now = useCall('setThreshold', timeout === undefined ? {} : { timeout });
    return <p>{held.now.status}</p>;
  }
  const mounted = stage.mount(<Caller timeout={first} />);
  return {
    ...mounted,
    state: () => held.now,
    setTimeout: (timeout?: number) => mounted.rerender(<Caller timeout={timeout} />),
    leave: () => mounted.rerender(<p />),
  };
}

/** Answers in the order it is told to; says what was asked and what was cancelled. */
function slowServer(stage: Stage) {
  const asked: number[] = [];
  const cancelled: number[] = [];
  const answers = new Map<number, () => void>();
  stage.bed.server.handle('setThreshold', ({ max }, { signal }) => {
    asked.push(max);
    signal.addEventListener('abort', () => cancelled.push(max));
    return new Promise((resolve) => answers.set(max, () => resolve({ appliedAt: max })));
  });
  return {
    asked,
    cancelled,
    answer: async (max: number): Promise<void> => {
      answers.get(max)?.();
      await stage.settle();
    },
  };
}

describe('useCall', () => {
  test('goes from idle over pending to success, and shows input and answer', async () => {
    await using stage = setStage();
    const { answer } = slowServer(stage);
    const { state } = mountCall(stage);
    expect(state()).toMatchObject({ status: 'idle', isPending: false });
    expect(state().data).toBeUndefined();
    act(() => state().call(input));
    expect(state()).toMatchObject({ status: 'pending', isPending: true, input });
    await stage.settle();
    await answer(80);
    expect(state()).toMatchObject({ status: 'success', isPending: false, input, data: { appliedAt: 80 } });
    expect(state().error).toBeUndefined();
  });

  test('shows the typed error, and call never rejects', async () => {
    await using stage = setStage();
    stage.bed.server.handle('setThreshold', ({ deviceId }, { fail }) => fail('UNKNOWN_DEVICE', { deviceId }));
    const { state } = mountCall(stage);
    // A rejection that nobody handles fails the test run.
    act(() => expect(state().call(input)).toBeUndefined());
    await stage.settle();
    expect(state()).toMatchObject({
      status: 'error',
      isPending: false,
      input,
      error: { origin: 'domain', code: 'UNKNOWN_DEVICE', data: { deviceId: 'd1' } },
    });
    expect(state().data).toBeUndefined();
  });

  test('callAsync resolves and rejects as client.call does', async () => {
    await using stage = setStage();
    const { answer } = slowServer(stage);
    const { state } = mountCall(stage);
    let answered: unknown;
    let failed: unknown;
    act(
      () =>
        void state()
          .callAsync(input)
          .then((data) => (answered = data)),
    );
    await stage.settle();
    await answer(80);
    expect(answered).toEqual({ appliedAt: 80 });
    act(
      () =>
        void state()
          .callAsync(input, { timeout: 5 })
          .catch((error: unknown) => (failed = error)),
    );
    await act(() => stage.bed.clock.advance(5));
    expect(failed).toMatchObject({ code: 'TIMEOUT' });
    expect(state()).toMatchObject({ status: 'error', error: { code: 'TIMEOUT' } });
  });

  test('the latest call wins, whichever is answered last; the older one goes on', async () => {
    await using stage = setStage();
    const { asked, cancelled, answer } = slowServer(stage);
    const { state } = mountCall(stage);
    let first: unknown;
    act(
      () =>
        void state()
          .callAsync({ deviceId: 'd1', max: 1 })
          .then((data) => (first = data)),
    );
    act(() => state().call({ deviceId: 'd1', max: 2 }));
    await stage.settle();
    expect(asked).toEqual([1, 2]);
    expect(state().input).toEqual({ deviceId: 'd1', max: 2 });
    await answer(1);
    expect(first).toEqual({ appliedAt: 1 });
    expect(state().status).toBe('pending');
    await answer(2);
    expect(state()).toMatchObject({ status: 'success', data: { appliedAt: 2 } });
    expect(cancelled).toEqual([]);
  });

  test('an older call that is answered after the latest changes nothing', async () => {
    await using stage = setStage();
    const { answer } = slowServer(stage);
    const { state } = mountCall(stage);
    act(() => state().call({ deviceId: 'd1', max: 1 }));
    act(() => state().call({ deviceId: 'd1', max: 2 }));
    await stage.settle();
    await answer(2);
    const shown = state();
    await answer(1);
    expect(state()).toBe(shown);
  });

  test('abort cancels on the server, returns to idle, and callAsync rejects with an AbortError', async () => {
    await using stage = setStage();
    const { asked, cancelled, answer } = slowServer(stage);
    const { state } = mountCall(stage);
    let failed: unknown;
    act(
      () =>
        void state()
          .callAsync(input)
          .catch((error: unknown) => (failed = error)),
    );
    await stage.settle();
    expect(asked).toEqual([80]);
    act(() => state().abort());
    expect(state().status).toBe('idle');
    await stage.settle();
    expect(cancelled).toEqual([80]);
    expect(failed).toMatchObject({ name: 'AbortError' });
    await answer(80);
    expect(state().status).toBe('idle');
  });

  test('abort without a running call does nothing', async () => {
    await using stage = setStage();
    const { answer } = slowServer(stage);
    const { state } = mountCall(stage);
    act(() => state().call(input));
    await stage.settle();
    await answer(80);
    act(() => state().abort());
    expect(state().status).toBe('success');
  });

  test('reset returns to idle and lets a running call go on unwatched', async () => {
    await using stage = setStage();
    const { cancelled, answer } = slowServer(stage);
    const { state } = mountCall(stage);
    let answered: unknown;
    act(
      () =>
        void state()
          .callAsync(input)
          .then((data) => (answered = data)),
    );
    await stage.settle();
    act(() => state().reset());
    expect(state()).toMatchObject({ status: 'idle', input: undefined });
    await answer(80);
    expect(answered).toEqual({ appliedAt: 80 });
    expect(state().status).toBe('idle');
    expect(cancelled).toEqual([]);
  });

  test('a signal of the caller cancels; the error shown is CANCELLED and carries its reason', async () => {
    await using stage = setStage();
    const { cancelled } = slowServer(stage);
    const { state } = mountCall(stage);
    const controller = new AbortController();
    let failed: unknown;
    act(
      () =>
        void state()
          .callAsync(input, { signal: controller.signal })
          .catch((error: unknown) => (failed = error)),
    );
    await stage.settle();
    const reason = new Error('closed the dialog');
    await act(async () => controller.abort(reason));
    await stage.settle();
    expect(failed).toBe(reason);
    expect(state()).toMatchObject({ status: 'error', error: { origin: 'system', code: 'CANCELLED', cause: reason } });
    expect(cancelled).toEqual([80]);

    act(() => state().call(input, { signal: controller.signal }));
    await stage.settle();
    expect(state()).toMatchObject({ status: 'error', error: { code: 'CANCELLED', cause: reason } });
  });

  test('leaves no listener on a signal that outlives the call', async () => {
    await using stage = setStage();
    stage.bed.server.handle('setThreshold', ({ max }) => ({ appliedAt: max }));
    const { state } = mountCall(stage);
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    act(() => state().call(input, { signal }));
    expect(add).toHaveBeenCalledTimes(1);
    await stage.settle();
    expect(state().status).toBe('success');
    expect(remove.mock.calls[0]?.slice(0, 2)).toEqual(add.mock.calls[0]?.slice(0, 2));
  });

  test('unmounting lets the call go on, as a TanStack mutation does', async () => {
    await using stage = setStage();
    const { cancelled, answer } = slowServer(stage);
    const { state, leave } = mountCall(stage);
    let answered: unknown;
    act(
      () =>
        void state()
          .callAsync(input)
          .then((data) => (answered = data)),
    );
    await stage.settle();
    leave();
    await answer(80);
    expect(answered).toEqual({ appliedAt: 80 });
    expect(cancelled).toEqual([]);
  });

  test('the timeout of the latest render counts, the one of the call more', async () => {
    await using stage = setStage();
    slowServer(stage);
    const { state, setTimeout } = mountCall(stage, 1_000);
    setTimeout(2_000);
    act(() => state().call(input));
    await act(() => stage.bed.clock.advance(1_999));
    expect(state().status).toBe('pending');
    await act(() => stage.bed.clock.advance(1));
    expect(state()).toMatchObject({ status: 'error', error: { code: 'TIMEOUT' } });
    act(() => state().call(input, { timeout: 10 }));
    await act(() => stage.bed.clock.advance(10));
    expect(state()).toMatchObject({ status: 'error', error: { code: 'TIMEOUT' } });
  });

  test('its functions stay the same, and what it returns changes with the status only', async () => {
    await using stage = setStage();
    const { answer } = slowServer(stage);
    const { state, setTimeout } = mountCall(stage);
    const { call, callAsync, reset, abort } = state();
    const idle = state();
    setTimeout(5_000);
    expect(state()).toBe(idle);
    const commits = stage.commits();
    act(() => call(input));
    await stage.settle();
    await answer(80);
    expect(stage.commits()).toBe(commits + 2);
    expect(state()).toMatchObject({ call, callAsync, reset, abort });
    act(() => reset());
    expect(state()).toBe(idle);
  });

  test('another name starts over', async () => {
    await using stage = setStage();
    stage.bed.server.handle('whoami', () => ({ user: 'ada' }));
    const { answer } = slowServer(stage);
    function Caller({ name }: { readonly name: 'whoami' | 'setThreshold' }): ReactElement {
      const { status, call } = useCall(name);
      return <button onClick={() => call(input)}>{`${name} ${status}`}</button>;
    }
    const { container, rerender } = stage.mount(<Caller name="setThreshold" />);
    act(() => container.querySelector('button')?.click());
    await stage.settle();
    await answer(80);
    expect(container.textContent).toBe('setThreshold success');
    rerender(<Caller name="whoami" />);
    expect(container.textContent).toBe('whoami idle');
    act(() => container.querySelector('button')?.click());
    await stage.settle();
    expect(container.textContent).toBe('whoami success');
  });
});
