import { createServer as createHttp } from 'node:http';
import type { PeerEnd } from '@hawser/core/endpoint';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawConnect } from '../test/support/raw-client.ts';
import { until } from '../test/support/until.ts';
import { createServer } from './create-server.ts';
import { alarm, fleet, idleHandlers } from '../test/stage/fleet.ts';
import { reaches, Stage } from '../test/stage/stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

const draft = createServer({ contract: fleet, authenticate: 'none' });

describe('close', () => {
  it('delivers what was sent before, and leaves nothing open', async () => {
    const server = draft.implement(idleHandlers);
    const port = await stage.serve(server);
    const client = stage.client(port);
    const heard: string[] = [];
    client.on('alarm', ({ text }) => heard.push(text));
    await client.connect();
    const ends: PeerEnd[] = [];
    server.onPeerEnd((_, end) => ends.push(end));
    for (let n = 0; n < 500; n += 1) server.broadcast('alarm', alarm(String(n)));
    await server.close({ drain: 4_000 });
    expect(heard).toHaveLength(500);
    expect(ends).toEqual([{ why: 'shutdown', outbound: { acked: 500, unsent: 0, unknown: 0 } }]);
    expect(server.peers.size).toBe(0);
  });

  it('asks for acks instead of waiting until they come by themselves', async () => {
    const server = draft.implement(idleHandlers);
    const client = stage.client(await stage.serve(server));
    await client.connect();
    const ends: PeerEnd[] = [];
    server.onPeerEnd((_, end) => ends.push(end));
    server.broadcast('alarm', alarm('fire'));
    // Unasked, an ack comes within a second.
    await server.close({ drain: 700 });
    expect(ends[0]?.outbound).toEqual({ acked: 1, unsent: 0, unknown: 0 });
  });

  it('lets running handlers answer', async () => {
    let answer = (): void => undefined;
    let started = false;
    const server = draft.implement({
      ...idleHandlers,
      whoami: () =>
        new Promise((resolve) => {
          started = true;
          answer = () => resolve({ user: 'late' });
        }),
    });
    const client = stage.client(await stage.serve(server));
    const asked = client.call('whoami');
    await until('the handler runs', () => started);
    const closing = server.close({ drain: 4_000 });
    client.send('heartbeat', { battery: 1 });
    let closed = false;
    void closing.then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    answer();
    expect(await asked).toEqual({ user: 'late' });
    await closing;
  });

  it('waits no longer than it may', async () => {
    let signal: AbortSignal | undefined;
    const server = draft.implement({
      ...idleHandlers,
      whoami: (_, context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      },
    });
    const client = stage.client(await stage.serve(server));
    const asked = client.safeCall('whoami');
    await until('the handler runs', () => signal !== undefined);
    await server.close({ drain: 30 });
    expect(signal?.aborted).toBe(true);
    await client.close();
    const result = await asked;
    expect(!result.ok && result.error.code).toBe('UNKNOWN_OUTCOME');
  });

  it('sends clients away with 4512, and they come back to whoever takes over the path', async () => {
    const http = createHttp();
    const port = await stage.listen(http);
    const old = draft.implement(idleHandlers);
    old.attach(http, { path: '/ws' });
    const client = stage.client(port);
    expect(await client.call('whoami')).toEqual({ user: 'nobody' });
    await old.close();
    expect(await reaches(client, 'reconnecting')).toMatchObject({ error: { data: { closeCode: 4512 } } });
    const fresh = stage.use(draft.implement({ ...idleHandlers, whoami: () => ({ user: 'fresh' }) }));
    fresh.attach(http, { path: '/ws' });
    expect(await client.call('whoami')).toEqual({ user: 'fresh' });
    expect(() => old.attach(http, { path: '/else' })).toThrow('The server is closed');
  });

  it('drops connections that are being set up, and those that do not close', async () => {
    const server = draft.implement(idleHandlers);
    const port = await stage.serve(server);
    const silent = await rawConnect({ port, path: '/ws', protocol: 'hawser.1.json' });
    const stubborn = await rawConnect({ port, path: '/ws', protocol: 'hawser.1.json' });
    stubborn.answersClose = false;
    stubborn.send('[0,0,[32,{"v":0,"caps":[],"lim":{"frame":262144,"msg":262144,"inflight":8}}]]');
    await stubborn.next();
    await server.close();
    expect([silent.closeFrame?.code, stubborn.closeFrame?.code]).toEqual([4512, 4512]);
    await until('both are gone', () => silent.gone && stubborn.gone);
  });

  it('may be asked for again', async () => {
    const server = draft.implement(idleHandlers);
    const first = server.close();
    expect(server.close({ drain: 9_000 })).toBe(first);
    await first;
    await server[Symbol.asyncDispose]();
  });
});
