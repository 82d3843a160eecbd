import { HawserError } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createServer } from './create-server.ts';
import { jsonCodec } from './index.ts';
import { alarm, fleet, idleHandlers } from '../test/stage/fleet.ts';
import { Stage } from '../test/stage/stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

const userServer = () =>
  createServer({ contract: fleet, authenticate: async ({ auth }) => ({ userId: String(auth) }) }).implement({
    whoami: (_, { peer }) => ({ user: peer.auth.userId }),
    setThreshold: async ({ deviceId, max }, { fail }) => {
      if (deviceId === 'd0') fail('READ_ONLY');
      if (deviceId !== 'd1') fail('UNKNOWN_DEVICE', { deviceId });
      return { appliedAt: max };
    },
  });

describe('messages and calls', () => {
  it('go both ways, with the errors the contract names', async () => {
    const server = userServer();
    const client = stage.client(await stage.serve(server), { auth: 'ada' });
    const beats: unknown[] = [];
    server.on('heartbeat', ({ battery }, { peer }) => beats.push([peer.id, peer.auth.userId, battery]));
    client.handle('reboot', ({ delaySec }, { fail }) => (delaySec > 1 ? fail('BUSY', { job: 'x' }) : { ok: true }));
    const rung = client.once('alarm');

    client.send('heartbeat', { battery: 0.5 });
    expect(await client.call('whoami')).toEqual({ user: 'ada' });
    expect(beats).toEqual([[client.sessionId, 'ada', 0.5]]);
    expect(await client.call('setThreshold', { deviceId: 'd1', max: 7 })).toEqual({ appliedAt: 7 });
    const unknown = await client.safeCall('setThreshold', { deviceId: 'd2', max: 1 });
    expect(!unknown.ok && unknown.error).toMatchObject({ code: 'UNKNOWN_DEVICE', data: { deviceId: 'd2' } });
    const readOnly = await client.safeCall('setThreshold', { deviceId: 'd0', max: 1 });
    expect(!readOnly.ok && readOnly.error).toMatchObject({ code: 'READ_ONLY', origin: 'domain' });

    const [peer] = server.peers.values();
    expect(await peer?.call('reboot', { delaySec: 0 })).toEqual({ ok: true });
    const busy = await peer?.safeCall('reboot', { delaySec: 5 }, { timeout: 3_000 });
    expect(busy?.ok === false && busy.error).toMatchObject({ code: 'BUSY', data: { job: 'x' } });
    peer?.send('alarm', alarm('rebooting'));
    expect((await rung).text).toBe('rebooting');
  });

  it('go in the codec the client wants most, each session in its own', async () => {
    const server = createServer({ contract: fleet, authenticate: 'none', codecs: [jsonCodec, msgpackCodec] }).implement(
      idleHandlers,
    );
    const port = await stage.serve(server);
    const json = stage.client(port);
    const packed = stage.client(port, { codec: msgpackCodec });
    const texts: string[] = [];
    json.on('alarm', ({ text }) => texts.push(`json ${text}`));
    packed.on('alarm', ({ text }) => texts.push(`msgpack ${text}`));
    expect(await Promise.all([json.call('whoami'), packed.call('whoami')])).toEqual([
      { user: 'nobody' },
      { user: 'nobody' },
    ]);
    server.broadcast('alarm', alarm('fire'));
    await Promise.all([json.call('whoami'), packed.call('whoami')]);
    expect(new Set(texts)).toEqual(new Set(['json fire', 'msgpack fire']));
  });

  it('begin with onPeer and go on until the session ends', async () => {
    const server = userServer();
    const port = await stage.serve(server);
    const met: string[] = [];
    const stop = server.onPeer((peer) => {
      met.push(peer.auth.userId);
      peer.send('alarm', alarm(`welcome ${peer.auth.userId}`));
      peer.on('heartbeat', ({ battery }) => met.push(`${peer.auth.userId} ${battery}`));
    });
    const client = stage.client(port, { auth: 'ada' });
    const greeted = client.once('alarm');
    client.send('heartbeat', { battery: 3 });
    expect((await greeted).text).toBe('welcome ada');
    await client.call('whoami');
    stop();
    await stage.client(port, { auth: 'eve' }).connect();
    expect(met).toEqual(['ada', 'ada 3']);
    expect([...server.peers.values()].map((peer) => [peer.auth.userId, peer.connected, peer.ended])).toEqual([
      ['ada', true, undefined],
      ['eve', true, undefined],
    ]);
    expect(server.contract).toBe(fleet);
  });

  it('reach listeners of the server until they stop', async () => {
    const server = userServer();
    const client = stage.client(await stage.serve(server), { auth: 'ada' });
    const heard: string[] = [];
    const controller = new AbortController();
    const stop = server.on('heartbeat', () => heard.push('stopped'));
    server.on('heartbeat', () => heard.push('aborted'), { signal: controller.signal });
    server.on('heartbeat', () => heard.push('never'), { signal: AbortSignal.abort() });
    server.on('heartbeat', ({ battery }) => heard.push(`kept ${battery}`));
    client.send('heartbeat', { battery: 1 });
    await client.call('whoami');
    stop();
    controller.abort();
    client.send('heartbeat', { battery: 2 });
    await client.call('whoami');
    expect(heard).toEqual(['stopped', 'aborted', 'kept 1', 'kept 2']);
  });
});

describe('mistakes', () => {
  it('of the handler map are told at once', () => {
    const draft = createServer({ contract: fleet, authenticate: 'none' });
    const { whoami, setThreshold } = idleHandlers;
    // @ts-expect-error a handler is missing
    expect(() => draft.implement({ whoami })).toThrow('The call "setThreshold" has no handler');
    const heartbeat = (): void => undefined;
    // @ts-expect-error messages have no handlers
    expect(() => draft.implement({ whoami, setThreshold, heartbeat })).toThrow('There is a handler for "heartbeat"');
    // @ts-expect-error a handler nobody can call
    expect(() => draft.implement({ whoami, setThreshold, toString: heartbeat })).toThrow(
      'There is a handler for "toString"',
    );
  });

  it('in names are told by server.on and server.broadcast', () => {
    const server = stage.use(createServer({ contract: fleet, authenticate: 'none' }).implement(idleHandlers));
    const code = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return error instanceof HawserError ? error.code : error;
      }
    };
    // @ts-expect-error a call is no message
    expect(code(() => server.on('whoami', () => undefined))).toBe('UNIMPLEMENTED');
    // @ts-expect-error only clients send it
    expect(code(() => server.broadcast('heartbeat', { battery: 1 }))).toBe('UNIMPLEMENTED');
    expect(code(() => server.on('constructor' as 'heartbeat', () => undefined))).toBe('UNIMPLEMENTED');
  });

  it('of listeners and handlers are problems, and end nothing', async () => {
    const server = createServer({ contract: fleet, authenticate: 'none' }).implement({
      ...idleHandlers,
      whoami: () => {
        throw new Error('the database is on fire');
      },
    });
    const problems: string[] = [];
    server.onProblem(() => {
      throw new Error('a listener of onProblem threw');
    });
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    server.onProblem(() => problems.push('never'))();
    server.onProblem(({ kind, name, error }) => problems.push(`${kind} ${name} ${String(error.cause)}`));
    server.on('heartbeat', () => {
      throw new Error('oops');
    });
    const client = stage.client(await stage.serve(server));
    client.send('heartbeat', { battery: 1 });
    const failed = await client.safeCall('whoami');
    expect(!failed.ok && failed.error.code).toBe('INTERNAL');
    expect(!failed.ok && failed.error.message).not.toContain('fire');
    expect(problems).toEqual([
      'handler-error heartbeat Error: oops',
      'handler-error whoami Error: the database is on fire',
    ]);
    expect(warnings.mock.calls.map(([text]) => String(text))).toEqual([
      'handler-error "": A listener of onProblem threw.',
      'handler-error "": A listener of onProblem threw.',
    ]);
    warnings.mockRestore();
  });
});
