// Topics over real sockets: both codecs, cuts, and above all readers that are slow (F38).
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient, type Client, type Codec } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import { createServer, jsonCodec, type Server, type ServerOptions } from '@hawser/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from './stage/stage.ts';
import { dialects } from './support/dialect.ts';
import { RawSession } from './support/raw-session.ts';
import { boardContract, type BoardContract } from './support/topic-contract.ts';
import { until } from './support/until.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

type BoardServer = Server<BoardContract, undefined>;

function serverOf(options: Partial<ServerOptions<BoardContract, never>> = {}): BoardServer {
  return createServer({
    contract: boardContract,
    authenticate: 'none',
    codecs: [jsonCodec, msgpackCodec],
    ...options,
  }).implement({});
}

function clientOf(port: number, codec: Codec = jsonCodec): Client<BoardContract> {
  const reconnect = { minDelay: 0, maxDelay: 20 };
  return stage.use(createClient({ contract: boardContract, url: `ws://127.0.0.1:${port}/ws`, reconnect, codec }));
}

/** What the server holds for its only client. */
function heldBy(server: BoardServer): { count: number; bytes: number } {
  const [peer] = server.peers.values();
  return (peer as unknown as { heldTopics: { count: number; bytes: number } }).heldTopics;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are really held. */
function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const filling = 'x'.repeat(1_000);

describe('published messages', () => {
  it('reach clients of both codecs, with one encoding for each codec', async () => {
    let encodings = 0;
    const counting = (codec: Codec): Codec => ({
      ...codec,
      encodeFrame: (frame) => {
        if (frame[0] === 44) encodings += 1;
        return codec.encodeFrame(frame);
      },
    });
    const server = serverOf({ codecs: [counting(jsonCodec), counting(msgpackCodec)] });
    const port = await stage.serve(server);
    const got: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      clientOf(port, n % 2 === 0 ? jsonCodec : msgpackCodec)
        .topic('numbers', { n: 1 })
        .subscribe((value, { offset, gap }) => got.push(`${value} @${offset} ${gap}`));
    }
    await until('all subscribe', () => server.subscribers('numbers', { n: 1 }) === 10);
    server.publish('numbers', { n: 1 }, 7);
    await until('all have it', () => got.length === 10);
    expect(new Set(got)).toEqual(new Set(['7 @1 false']));
    expect(encodings).toBe(2);
  });

  it('that were missed in a cut come with what is retained', async () => {
    const server = serverOf();
    const port = await stage.serve(server);
    const cable = await stage.cable(port);
    const client = clientOf(cable.port);
    const got: string[] = [];
    client.topic('numbers', { n: 1 }).subscribe((value, { gap }) => got.push(`${value} ${gap}`));
    await until('it is live', () => client.topic('numbers', { n: 1 }).getSnapshot().status === 'live');
    server.publish('numbers', { n: 1 }, 1);
    await until('it has the first', () => got.length === 1);
    cable.rst();
    cable.pass();
    await until('the server knows', () => server.subscribers('numbers', { n: 1 }) === 0);
    for (const value of [2, 3]) server.publish('numbers', { n: 1 }, value);
    await until('it has the others', () => got.length === 3);
    expect(got).toEqual(['1 false', '2 false', '3 false']);
  });

  it('are refused to those who may not read them, typed by the contract', async () => {
    const server = serverOf({
      authorizeTopic: ({ topic, params, refuse }) => {
        if (topic === 'numbers' && params.n === 2) refuse('FORBIDDEN', 'not yours');
      },
    });
    const client = clientOf(await stage.serve(server));
    const ends: string[] = [];
    for (const n of [1, 2]) {
      client.topic('numbers', { n }).subscribe({ error: ({ code, message }) => ends.push(`${n} ${code} ${message}`) });
    }
    await until('one is refused', () => ends.length > 0);
    expect(ends).toEqual(['2 FORBIDDEN not yours']);
  });
});

describe.each(dialects)('a reader that is slow, $name', (dialect) => {
  async function slow(server: BoardServer, topic: string): Promise<RawSession> {
    const port = await stage.serve(server);
    const { session } = await RawSession.greet(port, dialect, { contract: boardContract.id });
    session.send([0, 0, [42, 1, topic]]);
    await session.frame(45);
    session.peer.socket.pause();
    return session;
  }

  /** Every frame of a kind that came, in order. */
  function published(session: RawSession): [tid: number, offset: number, data: { of: string; at: number }][] {
    return session.frames.filter(([kind]) => kind === 44).map(([, ...rest]) => rest as never);
  }

  it('gets the latest of each thing, and the server holds no more than that', async () => {
    const server = serverOf();
    const session = await slow(server, 'quotes');
    const before = heapInUse();
    let most = 0;
    const rounds = 40_000;
    for (let at = 1; at <= rounds; at += 1) {
      for (const of of ['a', 'b']) server.publish('quotes', undefined, { of, at, note: filling });
      most = Math.max(most, heldBy(server).count);
      if (at % 500 === 0) await new Promise(setImmediate);
    }
    const grown = heapInUse() - before;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(300);
    expect(heldBy(server).bytes).toBeLessThanOrEqual(262_144);
    // 80 MB were published.
    expect(grown).toBeLessThan(8_000_000);
    session.peer.socket.resume();
    await until('the last ones came', () => {
      const all = published(session);
      return ['a', 'b'].every((of) => all.some(([, , data]) => data.of === of && data.at === rounds));
    });
    const all = published(session);
    expect(all.length).toBeLessThan(10_000);
    for (const [i, [, offset]] of all.entries()) if (i > 0) expect(offset).toBeGreaterThan(all[i - 1]?.[1] as number);
    session.peer.socket.destroy();
  }, 30_000);

  it('without conflation loses the oldest, which the offsets show', async () => {
    const server = serverOf();
    const session = await slow(server, 'ticks');
    for (let at = 1; at <= 30_000; at += 1) {
      server.publish('ticks', undefined, { of: 'a', at, note: filling });
      if (at % 500 === 0) await new Promise(setImmediate);
    }
    expect(heldBy(server).bytes).toBeLessThanOrEqual(262_144);
    expect(heldBy(server).count).toBeGreaterThan(100);
    session.peer.socket.resume();
    await until('the last one came', () => published(session).at(-1)?.[1] === 30_000);
    const offsets = published(session).map(([, offset]) => offset);
    const jumps = offsets.filter((offset, i) => i > 0 && offset !== (offsets[i - 1] as number) + 1);
    expect(jumps.length).toBeGreaterThan(0);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    session.peer.socket.destroy();
  }, 30_000);

  it('is nobody else’s affair: others read on, and calls get through', async () => {
    const server = serverOf();
    const session = await slow(server, 'ticks');
    const port = session.peer.socket.remotePort as number;
    const client = clientOf(port, dialect.codec);
    let last = 0;
    let gaps = 0;
    client.topic('ticks').subscribe((quote, { gap }) => {
      last = quote.at;
      if (gap) gaps += 1;
    });
    await until('it is live', () => client.topic('ticks').getSnapshot().status === 'live');
    for (let at = 1; at <= 10_000; at += 1) {
      server.publish('ticks', undefined, { of: 'a', at, note: filling });
      if (at % 20 === 0) await new Promise(setImmediate);
    }
    await until('it has the last', () => last === 10_000);
    expect(gaps).toBe(0);
    session.peer.socket.destroy();
  }, 30_000);
});
