// Cuts at byte offsets of whole handshakes and the messages behind them: reliability catalogue F03, and rule 4 of the
// session (a lost welcome must not lose the session).
import { jsonCodec } from '@hawser/core/endpoint';
import { msgpackCodec } from '@hawser/core/msgpack';
import { afterEach, expect, test } from 'vitest';
import { Arena, upTo } from './support/arena.ts';
import type { ArenaClient } from './support/arena-client.ts';
import type { CutKind, Direction } from './support/fault-pipe.ts';
import { until } from './support/until.ts';

/** Distance of the sampled offsets; `HAWSER_CUT_STEP=1` takes every one. */
const step = Number(process.env['HAWSER_CUT_STEP'] ?? 17);
const timeLimit = 60_000 + 600_000 / step;
/** Messages of each side that follow the handshake. */
const messages = 4;

let arena: Arena;

afterEach(async () => {
  expect(await arena.stop()).toEqual([]);
});

/** Sampled offsets up to the end, the first and the last ones densely. */
function* offsets(end: number): Generator<number> {
  for (let at = 0; at <= end; at += at < 4 || at >= end - 4 ? 1 : Math.min(step, end - 4 - at)) yield at;
}

async function quiet(client: ArenaClient, sent: number): Promise<void> {
  const session = client.client.sessionId;
  await until(
    'everything arrived, once and in order',
    () => client.status === 'connected' && arena.from(session).length >= sent && client.inbox.length >= sent,
    undefined,
    () => ({ up: arena.from(session).length, down: client.inbox.length, sent, ...(client.describe() as object) }),
  );
  expect(arena.from(session)).toEqual(upTo(sent));
  expect(client.inbox).toEqual(upTo(sent));
}

for (const codec of [jsonCodec, msgpackCodec]) {
  test(
    `${codec.subprotocol}: a resume may be cut anywhere`,
    async () => {
      arena = await Arena.start({ codecs: [codec] });
      const a = arena.client({ codec, reconnect: { minDelay: 0, maxDelay: 2 } });
      await a.client.connect();
      const session = a.client.sessionId;
      const { peer } = arena;
      let sent = 0;

      /** One link lost, messages piling up on both sides, and the next link cut as told. */
      const round = async (cut?: { direction: Direction; at: number; kind: CutKind }): Promise<void> => {
        const { opened } = arena.proxy;
        arena.proxy.onNextLink((link) => {
          if (cut !== undefined) link[cut.direction].cutAfter(cut.at, cut.kind);
        });
        // Nobody comes back before this test has seen both sides without a link.
        arena.proxy.refuse();
        arena.proxy.rst();
        await until('both sides noticed', () => a.status !== 'connected' && !peer.connected);
        for (let i = 0; i < messages; i += 1) {
          sent += 1;
          a.notes(1);
          peer.send('news', { n: sent });
        }
        await arena.proxy.accept();
        await until('there is a new link', () => arena.proxy.opened > opened);
        await quiet(a, sent);
        expect(a.client.sessionId).toBe(session);
      };

      await round();
      const [link] = arena.proxy.links;
      // The length of a round that nothing disturbs, with a little of what comes behind it.
      const length = { up: link?.up.forwarded ?? 0, down: link?.down.forwarded ?? 0 };
      expect(length.up).toBeGreaterThan(300);
      expect(length.down).toBeGreaterThan(300);
      let cuts = 0;
      for (const direction of ['down', 'up'] as const) {
        for (const at of offsets(length[direction])) {
          cuts += 1;
          await round({ direction, at, kind: cuts % 2 === 0 ? 'rst' : 'destroy' });
        }
      }
      expect(a.losses).toEqual([]);
      expect(arena.ends).toEqual([]);
      expect(arena.server.peers.size).toBe(1);
    },
    timeLimit,
  );

  test(
    `${codec.subprotocol}: the first handshake may be cut anywhere`,
    async () => {
      arena = await Arena.start({ codecs: [codec], sessions: { window: 1_500 } });
      const length = { up: 0, down: 0 };
      /** A client that sends at once, its first link cut as told. */
      const round = async (cut?: { direction: Direction; at: number; kind: CutKind }): Promise<void> => {
        arena.proxy.onNextLink((link) => {
          if (cut !== undefined) link[cut.direction].cutAfter(cut.at, cut.kind);
        });
        const a = arena.client({ codec, reconnect: { minDelay: 0, maxDelay: 2 } });
        a.notes(messages);
        expect(await a.client.call('echo', { n: messages + 1 })).toEqual({ n: messages + 1 });
        expect(arena.from(a.client.sessionId)).toEqual(upTo(messages + 1));
        expect(a.losses).toEqual([]);
        const [link] = arena.proxy.links;
        length.up ||= link?.up.forwarded ?? 0;
        length.down ||= link?.down.forwarded ?? 0;
        await a.client.close();
        await until('the link is gone', () => arena.proxy.links.length === 0);
      };

      await round();
      let cuts = 0;
      for (const direction of ['down', 'up'] as const) {
        for (const at of offsets(length[direction])) {
          cuts += 1;
          await round({ direction, at, kind: cuts % 2 === 0 ? 'rst' : 'destroy' });
        }
      }
      await until('sessions whose welcome was lost are forgotten', () => arena.server.peers.size === 0);
      expect(new Set(arena.ends.map(({ end }) => end.why))).toEqual(new Set(['client', 'expired']));
    },
    timeLimit,
  );
}
