import { describe, expect, it } from 'vitest';
import type { SessionLost } from '../../src/client/client-surface.ts';
import { createTestBed, type TestBed, type TestBedOptions } from '../../src/testing/test-bed.ts';
import { contract, type Payload } from './payload.ts';
import { RawClient, type RawResume } from './raw-client.ts';

type Bed = TestBed<typeof contract>;

const note = (k: number): Payload => ({ k, body: '' });

/** A connected bed, and what its ends were given. */
async function connected(options: TestBedOptions<typeof contract> = {}): Promise<{
  bed: Bed;
  atServer: number[];
  atClient: number[];
  lost: SessionLost[];
}> {
  const bed = createTestBed(contract, options);
  const atServer: number[] = [];
  const atClient: number[] = [];
  const lost: SessionLost[] = [];
  bed.server.on('note', ({ k }) => void atServer.push(k));
  bed.client.on('note', ({ k }) => void atClient.push(k));
  bed.client.onSessionLost((loss) => void lost.push(loss));
  await bed.client.connect();
  return { bed, atServer, atClient, lost };
}

/** How often the client's link was lost. */
function countLosses({ client }: Bed): () => number {
  let losses = 0;
  client.onState((now, before) => {
    if (before.status === 'connected' && now.status !== 'connected') losses += 1;
  });
  return () => losses;
}

describe('rule 2: the old connection is fenced, and read no more', () => {
  it('late data of an abandoned connection is not delivered again, and does not disturb the new one', async () => {
    const { bed, atServer } = await connected();
    await using _ = bed;
    const losses = countLosses(bed);
    bed.link.conditions({ latency: 4_000 });
    for (const k of [1, 2, 3]) bed.client.send('note', note(k));
    await bed.clock.advance(0);
    bed.link.drop({ noticed: 'client', late: 'server' });
    bed.link.conditions({ latency: 5 });
    await bed.clock.advance(2_000);
    expect(bed.client.state.status).toBe('connected');
    expect(atServer).toEqual([1, 2, 3]);
    await bed.clock.advance(30_000);
    expect(atServer).toEqual([1, 2, 3]);
    expect(losses()).toBe(1);
  });

  it('what arrives while `authenticate` thinks about the new connection counts before the positions are read', async () => {
    let thinking = 0;
    const { bed, atServer, atClient } = await connected({
      server: {
        authenticate: ({ auth }) =>
          thinking === 0 ? auth : new Promise((resolve) => void bed.clock.setTimer(() => resolve(auth), thinking)),
      },
    });
    await using _ = bed;
    thinking = 6_000;
    bed.link.conditions({ latency: 4_000 });
    for (const k of [1, 2, 3]) bed.client.send('note', note(k));
    await bed.clock.advance(0);
    bed.link.drop({ noticed: 'client', late: 'server' });
    bed.link.conditions({ latency: 5 });
    await bed.clock.advance(60_000);
    expect(atServer).toEqual([1, 2, 3]);
    bed.server.broadcast('note', note(4));
    await bed.clock.advance(1_000);
    expect(atClient).toEqual([4]);
  });
});

/** A session made by hand, whose client is user `ada` and has received nothing. */
async function byHand(): Promise<{ bed: Bed; first: RawClient; resume: (more: Partial<RawResume>) => RawResume }> {
  const bed = createTestBed(contract);
  const first = await RawClient.greet(bed.link, bed.clock, 'ada');
  const { sid, tok } = first.welcome;
  return { bed, first, resume: (more) => ({ sid, tok, n: 1, recv: 0, first: 1, ...more }) };
}

describe('rule 1: exact positions', () => {
  it('a client that received nothing gets everything, one that received two gets the rest, same numbers', async () => {
    const { bed, resume } = await byHand();
    await using _ = bed;
    for (const k of [1, 2, 3]) bed.server.broadcast('note', note(k));
    await bed.clock.advance(0);
    const again = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 1, recv: 0 }));
    expect(again.welcome.resumed).toBe(true);
    expect(again.packets[1]?.[0]).toBe(1);
    expect(again.frames).toHaveLength(3);
    const { tok } = again.welcome;
    const last = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 2, tok, recv: 2 }));
    expect(last.packets[1]?.slice(0, 3)).toEqual([3, 0, [1, 'note', note(3)]]);
  });

  it('a resume from a position the server cannot serve is no resume', async () => {
    const { bed, resume } = await byHand();
    await using _ = bed;
    for (const more of [{ recv: 1 }, { first: 2 }]) {
      const refused = await RawClient.greet(bed.link, bed.clock, 'ada', resume(more));
      expect(refused.welcome).toMatchObject({ resumed: false, why: 'overflow' });
    }
  });
});

describe('rule 3: attempt number', () => {
  it('a hello that comes after a newer one is turned away with 4409 and changes nothing', async () => {
    const { bed, resume } = await byHand();
    await using _ = bed;
    const newer = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 5 }));
    const stale = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 4 }));
    expect(stale.closed).toBe(4409);
    expect(stale.packets).toEqual([]);
    bed.server.broadcast('note', note(1));
    await bed.clock.advance(0);
    expect(newer.closed).toBeUndefined();
    expect(newer.frames).toEqual([[1, 'note', note(1)]]);
  });
});

describe('rule 4: tokens', () => {
  it('a client that never got a welcome comes back with its old token, and the old one dies with a newer', async () => {
    const { bed, resume } = await byHand();
    await using _ = bed;
    for (const n of [1, 2, 3]) {
      const again = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n }));
      expect(again.welcome.resumed).toBe(true);
    }
    const got = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 4 }));
    const { tok } = got.welcome;
    expect((await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 5, tok }))).welcome.resumed).toBe(true);
    const old = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 6 }));
    expect(old.welcome).toMatchObject({ resumed: false, why: 'unknown' });
  });
});

describe('rules 5 and 8: a refused resume', () => {
  it.each([
    ['a wrong token', 'ada', { tok: 'guessed' }, 'unknown'],
    ['another principal', 'eve', {}, 'principal'],
    ['an impossible position', 'ada', { recv: 9 }, 'overflow'],
  ])('for %s leaves the session and its connection alone', async (_case, auth, more, why) => {
    const { bed, first, resume } = await byHand();
    await using _ = bed;
    const refused = await RawClient.greet(bed.link, bed.clock, auth, resume({ n: 9, ...more }));
    expect(refused.welcome).toMatchObject({ resumed: false, why });
    expect(refused.welcome.sid).not.toBe(first.welcome.sid);
    expect(first.closed).toBeUndefined();
    const again = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ n: 1 }));
    expect(again.welcome.resumed).toBe(true);
  });

  it('every resume is authenticated: who was banned meanwhile stays out (F37)', async () => {
    let banned = false;
    const { bed } = await connected({
      server: {
        authenticate: ({ auth, refuse }) => {
          if (banned) refuse('FORBIDDEN', 'not any more');
          return auth;
        },
      },
    });
    await using _ = bed;
    banned = true;
    bed.link.drop();
    await bed.clock.advance(5_000);
    expect(bed.client.state).toMatchObject({ status: 'closed', reason: 'forbidden' });
  });
});

describe('rule 6: sequence', () => {
  it('a gap closes with 4540 and the session goes on', async () => {
    const { bed, first, resume } = await byHand();
    await using _ = bed;
    const given: number[] = [];
    bed.server.on('note', ({ k }) => void given.push(k));
    await first.say(`[1,0,${JSON.stringify([1, 'note', note(1)])}]`);
    await first.say(`[3,0,${JSON.stringify([1, 'note', note(3)])}]`);
    expect(first.closed).toBe(4540);
    const again = await RawClient.greet(bed.link, bed.clock, 'ada', resume({ first: 2 }));
    expect(again.welcome).toMatchObject({ resumed: true, recv: 1 });
    await again.say(`[1,0,${[1, 2, 3].map((k) => JSON.stringify([1, 'note', note(k)])).join(',')}]`);
    expect(given).toEqual([1, 2, 3]);
  });

  it('an ack beyond what was sent is a protocol error', async () => {
    const { bed, first } = await byHand();
    await using _ = bed;
    bed.server.broadcast('note', note(1));
    await bed.clock.advance(0);
    await first.say('[0,2]');
    expect(first.closed).toBe(4400);
    expect(bed.server.peers.size).toBe(0);
  });
});

describe('rule 7: acks', () => {
  it('free the sender within about a second, also when nothing goes the other way', async () => {
    const { bed } = await connected();
    await using _ = bed;
    // The first one carries a ping, whose pong carries an ack.
    bed.client.send('note', note(1));
    await bed.clock.advance(1_500);
    bed.client.send('note', note(2));
    await bed.clock.advance(1_500);
    const report = await bed.client.close();
    expect(report).toEqual({ unacknowledged: 0, unsent: 0 });
  });
});

describe('rule 9: overflow is decided early', () => {
  it('a detached session ends when its bound is passed, and holds nothing from then on', async () => {
    const keeps = { queueCount: 5, queueBytes: 1_000, replayCount: 5, replayBytes: 1_000, largeBytes: 1_000_000 };
    const { bed, atClient, lost } = await connected({ server: { keeps } });
    await using _ = bed;
    const ends: unknown[] = [];
    bed.server.onPeerEnd((_peer, end) => void ends.push(end));
    bed.link.drop();
    bed.link.refuse(1_000);
    for (let k = 1; k <= 10; k += 1) bed.server.broadcast('note', note(k));
    await bed.clock.advance(100);
    expect(ends).toEqual([]);
    bed.server.broadcast('note', note(11));
    await bed.clock.advance(0);
    expect(ends).toEqual([{ why: 'overflow', outbound: { acked: 0, unsent: 11, unknown: 0 } }]);
    expect(bed.server.peers.size).toBe(0);
    bed.link.refuse(0);
    await bed.clock.advance(60_000);
    expect(lost).toMatchObject([{ why: 'overflow', lostInbound: true }]);
    expect(atClient).toEqual([]);
  });
});

describe('rule 10: loss is one event', () => {
  it('tells what was accepted, what never left, and what may have arrived; sends again what never left', async () => {
    const { bed, atServer, lost } = await connected();
    await using _ = bed;
    bed.client.send('note', note(1));
    await bed.clock.advance(2_000);
    bed.link.halfOpen();
    bed.client.send('note', note(2));
    await bed.clock.advance(0);
    bed.server.restart();
    bed.client.send('note', note(3));
    await bed.clock.advance(30_000);
    const item = (k: number): unknown => ({ kind: 'message', name: 'note', data: note(k) });
    expect(lost).toMatchObject([
      { why: 'unknown', requeued: true, outbound: { acked: 1, unknown: [item(2)], unsent: [item(3)] } },
    ]);
    expect(atServer).toEqual([1, 3]);
  });

  it('who is told may disconnect, and come back later', async () => {
    const { bed, atServer, lost } = await connected();
    await using _ = bed;
    bed.client.onSessionLost(() => void bed.client.disconnect());
    bed.client.send('note', note(1));
    bed.server.restart();
    await bed.clock.advance(30_000);
    expect(bed.client.state.status).toBe('idle');
    expect(bed.client.sessionId).toBeUndefined();
    expect(bed.clock.nextAt - bed.clock.now()).toBeGreaterThan(5_000);
    bed.client.send('note', note(2));
    await bed.clock.advance(5_000);
    expect(bed.client.state.status).toBe('connected');
    expect(atServer.at(-1)).toBe(2);
    expect(lost).toHaveLength(1);
  });

  it('is told although a handler disconnects when it hears that it should stop', async () => {
    const { bed, lost } = await connected();
    await using _ = bed;
    bed.client.handle('ask', (_input, { signal }) => {
      signal.addEventListener('abort', () => void bed.client.disconnect());
      return new Promise(() => undefined);
    });
    const [peer] = [...bed.server.peers.values()];
    void peer?.safeCall('ask', note(1));
    await bed.clock.advance(2_000);
    bed.server.restart();
    await bed.clock.advance(10_000);
    expect(lost).toMatchObject([{ why: 'unknown' }]);
    expect(bed.client.state.status).toBe('idle');
  });

  it('does not hide what the overflow policy dropped in the same moment', async () => {
    const buffer = { queueCount: 2, queueBytes: 1_000, replayCount: 2, replayBytes: 1_000, largeBytes: 1_000_000 };
    const { bed } = await connected({ client: { buffer, overflow: 'drop-newest' } });
    await using _ = bed;
    const dropped: string[] = [];
    bed.client.onProblem(({ kind, name }) => void dropped.push(`${kind} ${name}`));
    bed.link.drop();
    for (const k of [1, 2, 3]) bed.client.send('note', note(k));
    expect(await bed.client.close()).toEqual({ unacknowledged: 0, unsent: 2 });
    expect(dropped).toEqual(['dropped note']);
  });

  it('a close says what was written and what was not, after it wrote what it could', async () => {
    const { bed } = await connected();
    await using _ = bed;
    bed.client.send('note', note(1));
    bed.client.send('note', note(2));
    expect(await bed.client.close()).toEqual({ unacknowledged: 2, unsent: 0 });
  });
});

describe('rule 11: calls survive a resume', () => {
  it('the handler runs once and its answer arrives on another connection', async () => {
    const { bed } = await connected();
    await using _ = bed;
    let runs = 0;
    bed.server.handle('ask', ({ k }) => {
      runs += 1;
      return new Promise((resolve) => void bed.clock.setTimer(() => resolve({ k }), 3_000));
    });
    const answer = bed.client.safeCall('ask', note(7));
    await bed.clock.advance(500);
    bed.link.drop();
    await bed.clock.advance(10_000);
    expect(await answer).toEqual({ ok: true, data: { k: 7 } });
    expect(runs).toBe(1);
  });

  it('an answer that comes after its session was lost is not given to a call of the next one', async () => {
    const { bed } = await connected();
    await using _ = bed;
    bed.client.handle('ask', ({ k }) => {
      const duration = k === 1 ? 20_000 : 60_000;
      return new Promise((resolve) => void bed.clock.setTimer(() => resolve({ k }), duration));
    });
    const ask = (k: number): Promise<unknown> => {
      const [peer] = [...bed.server.peers.values()];
      return (peer as NonNullable<typeof peer>).safeCall('ask', note(k), { timeout: 100_000 });
    };
    const first = ask(1);
    await bed.clock.advance(100);
    bed.server.restart();
    await bed.clock.advance(5_000);
    const second = ask(2);
    await bed.clock.advance(90_000);
    expect(await first).toMatchObject({ ok: false, error: { code: 'UNKNOWN_OUTCOME' } });
    expect(await second).toEqual({ ok: true, data: { k: 2 } });
  });
});

describe('rule 12: poison guard', () => {
  it('gives up a message that closes the link twice as too big, and goes on with what comes after', async () => {
    const { bed, atServer, lost } = await connected();
    await using _ = bed;
    bed.link.conditions({ latency: 50 });
    // Whatever carries number 13 never arrives.
    const block = async (): Promise<void> => {
      const seen = bed.link.log.length;
      for (let step = 0; step < 400; step += 1) {
        await bed.clock.advance(10);
        const poison = bed.link.log.slice(seen).some(({ data }) => typeof data === 'string' && data.includes('"k":13'));
        if (poison) return bed.link.drop({ code: 1009 });
      }
    };
    bed.client.send('note', note(13));
    for (let round = 0; round < 6 && lost.length === 0; round += 1) await block();
    bed.client.send('note', note(14));
    await bed.clock.advance(20_000);
    expect(lost).toMatchObject([{ why: 'poison', outbound: { unknown: [{ data: note(13) }] } }]);
    expect(atServer).toEqual([14]);
  });
});
