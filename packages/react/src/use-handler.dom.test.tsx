import { act } from '@testing-library/react';
import { Component, type ReactElement, type ReactNode, useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage, type Stage } from '../test/mount.tsx';

const { useHandler } = hooks;

/** The server calls; gives what came back. */
async function reboot(stage: Stage, delaySec: number): Promise<unknown> {
  const peer = [...stage.bed.server.peers.values()].at(-1);
  let result: unknown;
  void peer?.safeCall('reboot', { delaySec }).then((r) => (result = r));
  await stage.settle();
  return result;
}

describe('useHandler', () => {
  test('answers while mounted', async () => {
    await using stage = setStage();
    function Device(): null {
      useHandler('reboot', async ({ delaySec }, { fail }) => {
        if (delaySec > 60) fail('BUSY', { job: 'update' });
        return { ok: true };
      });
      return null;
    }
    const { rerender } = stage.mount(<Device />);
    await stage.settle();
    expect(await reboot(stage, 5)).toEqual({ ok: true, data: { ok: true } });
    expect(await reboot(stage, 99)).toMatchObject({ ok: false, error: { code: 'BUSY', data: { job: 'update' } } });
    rerender(<p />);
    expect(stage.held.now.handle).toBe(0);
    expect(await reboot(stage, 5)).toMatchObject({ ok: false, error: { code: 'UNIMPLEMENTED' } });
  });

  test('answers with the handler of the latest commit, and registers once', async () => {
    await using stage = setStage();
    let setReady: (ready: boolean) => void = () => {};
    function Device(): null {
      const [ready, set] = useState(false);
      setReady = set;
      useHandler('reboot', () => ({ ok: ready }));
      return null;
    }
    stage.mount(<Device />);
    await stage.settle();
    const { handle } = stage.held.ever;
    expect(await reboot(stage, 1)).toEqual({ ok: true, data: { ok: false } });
    const commits = stage.commits();
    act(() => setReady(true));
    expect(await reboot(stage, 1)).toEqual({ ok: true, data: { ok: true } });
    expect(stage.held.ever.handle).toBe(handle);
    expect(stage.commits()).toBe(commits + 1);
  });

  test('hands over within one commit from one component to the next', async () => {
    await using stage = setStage();
    function Device({ id }: { readonly id: string }): ReactElement {
      useHandler('reboot', (_, { fail }) => fail('BUSY', { job: id }));
      return <p />;
    }
    const { rerender } = stage.mount(<Device key="a" id="a" />);
    await stage.settle();
    rerender(<Device key="b" id="b" />);
    expect(await reboot(stage, 1)).toMatchObject({ error: { data: { job: 'b' } } });
    expect(stage.held.now.handle).toBe(1);
  });

  test('a second component for the same name throws on mount', async () => {
    await using stage = setStage();
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    class Boundary extends Component<{ readonly children: ReactNode }> {
      override state: { caught?: Error } = {};
      static getDerivedStateFromError(caught: Error): { caught: Error } {
        return { caught };
      }
      override render(): ReactNode {
        return this.state.caught?.message ?? this.props.children;
      }
    }
    function Device(): null {
      useHandler('reboot', () => ({ ok: true }));
      return null;
    }
    const { container } = stage.mount(
      <>
        <Device />
        <Boundary>
          <Device />
        </Boundary>
      </>,
    );
    expect(container.textContent).toContain('"reboot" has a handler already');
    error.mockRestore();
  });
});
